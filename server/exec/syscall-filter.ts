/**
 * A seccomp filter for bubblewrap: what no build and no app has any business with is not let through to the kernel. Everything
 * else is: a list of what is allowed would break with every new libc. Classic BPF over `struct seccomp_data`, see seccomp(2).
 */

interface Machine {
	/** `AUDIT_ARCH_…` of linux/audit.h. */
	arch: number;
	/** Numbers from here on belong to another way of calling (x32), which has names for everything that is closed below. */
	numbersEnd: number | null;
	socket: number;
	clone: number;
	clone3: number;
	/** Keys of the kernel belong to a user, not to a sandbox. */
	keys: readonly number[];
	/** Mounts and namespaces, of which a sandbox has all it needs. */
	mounts: readonly number[];
	/** Modules, other kernels, programs in the kernel, its counters and its log. */
	kernel: readonly number[];
	/** Clocks, swap, quotas, accounting, ports: the machine itself. */
	machine: readonly number[];
	/** Files by number instead of by path, which leads past every mount. */
	handles: readonly number[];
	/** Large and young parts of the kernel that programs can do without. */
	young: readonly number[];
}

/** Numbers are those of asm/unistd_64.h and asm-generic/unistd.h. From 424 on they are the same everywhere. */
const newMounts = [428, 429, 430, 431, 432, 433, 442]; // open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr
const young = [425, 426, 427, 447]; // io_uring_setup io_uring_enter io_uring_register memfd_secret
const machines: Partial<Record<NodeJS.Architecture, Machine>> = {
	x64: {
		arch: 0xc000003e,
		numbersEnd: 0x40000000,
		socket: 41,
		clone: 56,
		clone3: 435,
		keys: [248, 249, 250], // add_key request_key keyctl
		mounts: [155, 161, 165, 166, 272, 308, ...newMounts], // pivot_root chroot mount umount2 unshare setns
		// init_module delete_module finit_module kexec_load kexec_file_load bpf perf_event_open syslog kcmp userfaultfd
		kernel: [175, 176, 313, 246, 320, 321, 298, 103, 312, 323],
		// acct settimeofday clock_settime clock_adjtime adjtimex swapon swapoff reboot sethostname setdomainname iopl ioperm quotactl
		// quotactl_fd fanotify_init vhangup
		machine: [163, 164, 227, 305, 159, 167, 168, 169, 170, 171, 172, 173, 179, 443, 300, 153],
		handles: [303, 304], // name_to_handle_at open_by_handle_at
		young,
	},
	arm64: {
		arch: 0xc00000b7,
		numbersEnd: null,
		socket: 198,
		clone: 220,
		clone3: 435,
		keys: [217, 218, 219],
		mounts: [41, 51, 40, 39, 97, 268, ...newMounts],
		kernel: [105, 106, 273, 104, 294, 280, 241, 116, 272, 282],
		machine: [89, 170, 112, 266, 171, 224, 225, 142, 161, 162, 60, 443, 262, 58],
		handles: [264, 265],
		young,
	},
};

/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK. Others, AF_VSOCK above all, lead past the sandbox's own network. */
const openFamilies = [1, 2, 10, 16];
/** Every `CLONE_NEW…`. */
const newNamespaces = 0x7e020000;

const load = 0x20;
const ifEqual = 0x15;
const ifAtLeast = 0x35;
const ifAnyBit = 0x45;
const answer = 0x06;
const allow = 0x7fff0000;
const refuse = (errno: number) => 0x00050000 | errno;
const notPermitted = refuse(1);
const notThere = refuse(38);
const noSuchFamily = refuse(97);
const numberAt = 0;
const archAt = 4;
const firstArgumentAt = 16;

/** The filter as bubblewrap's `--seccomp` reads it; null for a machine whose system calls are not listed here. */
export function syscallFilter(arch: NodeJS.Architecture = process.arch): Buffer | null {
	const machine = machines[arch];
	if (!machine) return null;
	const program: [code: number, k: number, yes?: number, no?: number][] = [
		[load, archAt],
		[ifEqual, machine.arch, 1, 0],
		[answer, notThere],
		[load, numberAt],
	];
	const refuseIf = (numbers: readonly number[], how: number) => {
		for (const number of numbers) program.push([ifEqual, number, 0, 1], [answer, how]);
	};
	if (machine.numbersEnd !== null) program.push([ifAtLeast, machine.numbersEnd, 0, 1], [answer, notThere]);
	refuseIf([...machine.keys, ...machine.mounts, ...machine.kernel, ...machine.machine, ...machine.handles], notPermitted);
	// Its arguments lie in memory, where a filter cannot look. Who hears that there is none uses `clone`.
	refuseIf([machine.clone3, ...machine.young], notThere);
	program.push([ifEqual, machine.clone, 0, 4], [load, firstArgumentAt], [ifAnyBit, newNamespaces, 0, 1], [answer, notPermitted]);
	program.push([answer, allow]);
	program.push([ifEqual, machine.socket, 0, openFamilies.length + 2], [load, firstArgumentAt]);
	for (const [index, family] of openFamilies.entries()) program.push([ifEqual, family, openFamilies.length - index, 0]);
	program.push([answer, noSuchFamily], [answer, allow]);
	return encoded(program);
}

/** `struct sock_filter`: code, jump if true, jump if false, operand. */
function encoded(program: readonly [code: number, k: number, yes?: number, no?: number][]): Buffer {
	const bytes = Buffer.alloc(program.length * 8);
	for (const [index, [code, k, yes = 0, no = 0]] of program.entries()) {
		bytes.writeUInt16LE(code, index * 8);
		bytes.writeUInt8(yes, index * 8 + 2);
		bytes.writeUInt8(no, index * 8 + 3);
		bytes.writeUInt32LE(k, index * 8 + 4);
	}
	return bytes;
}
