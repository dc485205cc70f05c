/**
 * Settings of an embedded database: no network, little memory, bounded recovery. Each is one idea away from the default of
 * Postgres 18.
 */
export const serverSettings: Readonly<Record<string, string>> = {
	// reachable by its socket alone
	listen_addresses: "",
	unix_socket_permissions: "0700",
	password_encryption: "scram-sha-256",
	// small
	shared_buffers: "16MB",
	max_connections: "40",
	work_mem: "4MB",
	maintenance_work_mem: "32MB",
	jit: "off",
	huge_pages: "off",
	max_parallel_workers: "0",
	max_parallel_workers_per_gather: "0",
	autovacuum_max_workers: "2",
	// fewer processes: no replication, no I/O workers
	wal_level: "minimal",
	max_wal_senders: "0",
	max_logical_replication_workers: "0",
	io_method: "sync",
	// transactions that wait for each other are told apart soon
	deadlock_timeout: "100ms",
	// crash recovery replays at most this much, a second or two of work
	max_wal_size: "128MB",
	min_wal_size: "48MB",
	checkpoint_timeout: "2min",
	// quiet: statements that fail are told to the one who sent them
	log_min_messages: "log",
	log_checkpoints: "off",
	log_connections: "",
	timezone: "UTC",
	log_timezone: "UTC",
};
