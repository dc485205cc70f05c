import { Notice } from "#components/shell/notice.tsx";

export default function ShareNotFound() {
	return (
		<Notice title="This link does not open anything">
			It has expired, was revoked, or is not complete. Ask whoever sent it for a new one.
		</Notice>
	);
}
