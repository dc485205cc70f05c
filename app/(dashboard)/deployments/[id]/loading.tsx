import { DeploymentLoading } from "#components/deployments/deployment-loading.tsx";

export default function Loading() {
	return <DeploymentLoading />;
}
