import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Gallery } from "./gallery.tsx";

export const metadata: Metadata = { title: "Gallery" };

/** Every component in its states, for development only. */
export default async function GalleryPage({ searchParams }: { searchParams: Promise<{ show?: string }> }) {
	if (process.env.NODE_ENV === "production") notFound();
	return <Gallery show={(await searchParams).show ?? "dashboard"} />;
}
