/** Every bound and interval of live delivery. All of them can be set; tests shrink them. */
export interface LiveLimits {
	maxConnections: number;
	maxConnectionsPerUser: number;
	/** Largest message a client may send, and largest request body of SSE and poll. */
	maxMessageBytes: number;
	/** Messages a client may have waiting to be carried out; one more ends the connection with 4029. */
	maxPendingMessages: number;
	/** Messages a client may send in any ten seconds; one more ends the connection with 4029. */
	maxMessagesPer10S: number;
	/** Handshakes of one address: `handshakesPerS` on average, `handshakeBurst` at once. */
	handshakesPerS: number;
	handshakeBurst: number;
	/** With more bytes than this on their way to a reader only its cursor is kept; from the lower mark on down reading goes on. */
	highWaterBytes: number;
	lowWaterBytes: number;
	/** A reader that lags for longer is ended with 4008. */
	maxLagMs: number;
	/** A connection without any subscription for this long is ended with 4009. */
	noSubscriptionMs: number;
	/** Growth of a stream within this time is sent as one frame. */
	coalesceMs: number;
	heartbeatMs: number;
	/** Heartbeat while a watched deployment is active. */
	activeHeartbeatMs: number;
	/** The first heartbeat comes this soon after `hello`: it proves that nothing in between holds frames back. */
	firstHeartbeatMs: number;
	/** WebSocket protocol ping, and the silence after which the peer is dead. */
	pingMs: number;
	deadMs: number;
	/** An SSE response is ended with `bye` after this long. */
	sseMaxAgeMs: number;
	/** A held poll is answered after this long while a watched deployment is active. */
	activeHoldMs: number;
	/** A poll is answered at once when it holds this much. */
	maxPollBytes: number;
	/** How often the proof of identity is checked again on an open connection. */
	reauthenticateMs: number;
	/** How often time-based rules are looked at. */
	tickMs: number;
}

export const defaultLiveLimits: LiveLimits = {
	maxConnections: 5000,
	maxConnectionsPerUser: 100,
	maxMessageBytes: 16 * 1024,
	maxPendingMessages: 100,
	maxMessagesPer10S: 300,
	handshakesPerS: 100,
	handshakeBurst: 500,
	highWaterBytes: 256 * 1024,
	lowWaterBytes: 128 * 1024,
	maxLagMs: 30_000,
	noSubscriptionMs: 10_000,
	coalesceMs: 25,
	heartbeatMs: 15_000,
	activeHeartbeatMs: 1000,
	firstHeartbeatMs: 500,
	pingMs: 15_000,
	deadMs: 45_000,
	sseMaxAgeMs: 5 * 60_000,
	activeHoldMs: 2000,
	maxPollBytes: 256 * 1024,
	reauthenticateMs: 60_000,
	tickMs: 250,
};
