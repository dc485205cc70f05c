/** Limits of the protocol. */

export const protocolVersion = 1;
export const maxReadEvents = 200;
export const maxReadBytes = 64 * 1024;
export const maxSubscriptions = 50;
/** Largest event in bytes of JSON, and largest log line in bytes. */
export const maxEventBytes = 32 * 1024;
export const maxLogLineBytes = 8 * 1024;
/** One page of a deployment's log, in lines and in bytes of its events. */
export const maxLogPageLines = 5000;
export const maxLogPageBytes = 1024 * 1024;
/** One page of what a shared deployment did, in events. */
export const maxStoryEvents = 500;
