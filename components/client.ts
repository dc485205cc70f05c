"use client";
import { createClient } from "#lib/client/client.ts";

/** Calls of the HTTP contract from a page of the platform itself. */
export const client = createClient({ origin: "" });
