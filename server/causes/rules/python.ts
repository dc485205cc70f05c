import type { Cause } from "../cause.ts";
import { quote } from "../cause.ts";

/** Modules whose package is called otherwise. */
const packageOfModule: Readonly<Record<string, string>> = {
	PIL: "pillow",
	bs4: "beautifulsoup4",
	cv2: "opencv-python-headless",
	dotenv: "python-dotenv",
	jwt: "pyjwt",
	psycopg2: "psycopg2-binary",
	rest_framework: "djangorestframework",
	sklearn: "scikit-learn",
	yaml: "pyyaml",
};

/** pip, and Python programs. */
export const pythonCauses: readonly Cause[] = [
	{
		id: "requirements_missing",
		name: "The list of Python packages is missing",
		steps: ["install"],
		patterns: [/Could not open requirements file: [^\n]{0,80}'(?<file>[^']{1,200})'/],
		explain: ({ groups }) => ({
			message: `pip was to install what ${quote(groups.file ?? "requirements.txt")} lists, and there is no such file.`,
			action: "Commit the file, or correct the install command of the project, push and deploy again.",
		}),
	},
	{
		id: "python_version",
		name: "Another Python version is asked for",
		steps: ["install", "build", "start"],
		patterns: [
			/Package '(?<package>[^']{1,120})' requires a different Python: (?<got>[\d.]+) not in '(?<wanted>[^']{1,60})'/,
			/Requires-Python (?<wanted>[^\s;]{1,60})/,
			/The (?:currently activated|current) Python version[^\n]{0,40}?(?<got>[\d.]+)[^\n]{0,60}?\((?<wanted>[^)\n]{1,60})\)/,
		],
		explain: ({ groups }) => ({
			message: `${groups.package ? quote(groups.package) : "The project, or one of its packages,"} asks for Python ${quote(groups.wanted ?? "")}${groups.got ? `, and Python ${groups.got.replace(/\.$/, "")} is used` : ""}.`,
			action:
				"Ask for a Python version that this machine has in requires-python or .python-version, or let an administrator install the one it needs. Then retry.",
		}),
	},
	{
		id: "pip_no_matching_version",
		name: "A Python package, or its version, does not exist",
		steps: ["install"],
		patterns: [
			/Could not find a version that satisfies the requirement (?<package>\S{1,160}) \(from versions: (?<known>[^)\n]{0,2000})\)/,
			/No matching distribution found for (?<package>\S{1,160})/,
		],
		explain: ({ groups }) => {
			const known = (groups.known ?? "").split(", ").filter((version) => version !== "" && version !== "none");
			return {
				message: `pip found no version of ${quote(groups.package ?? "")} that fits${known.length > 0 ? `; the newest it knows is ${known.at(-1)}` : " this Python"}.`,
				action:
					"Check the name and the version in requirements.txt or pyproject.toml, and whether the package supports this Python version. Then retry.",
			};
		},
	},
	{
		id: "pip_externally_managed",
		name: "pip may not install into the system",
		steps: ["install", "build"],
		patterns: [/externally-managed-environment/],
		explain: () => ({
			message: "The install command puts packages into the system's own Python, which does not allow that.",
			action:
				"Use a virtual environment (python3 -m venv .venv, then .venv/bin/pip install …), or leave the install command to Quayside. Then retry.",
		}),
	},
	{
		id: "python_app_missing",
		name: "The Python server does not find the app",
		steps: ["start"],
		patterns: [
			/Failed to find attribute '(?<name>[^']{1,80})' in '(?<module>[^']{1,120})'/,
			/Attribute "(?<name>[^"]{1,80})" not found in module "(?<module>[^"]{1,120})"/,
			/Could not import module "(?<module>[^"]{1,120})"/,
			/Could not locate a Flask application|No module named '?(?<module>\w{1,80})\.wsgi/,
		],
		explain: ({ groups, circumstances: { command } }) => ({
			message: `${command} looks for the app${groups.name ? ` ${quote(groups.name)}` : ""}${groups.module ? ` in the module ${quote(groups.module)}` : ""} and does not find it.`,
			action: "Name the module and the variable that hold the app in the start command, as in gunicorn shop.main:app, and retry.",
		}),
	},
	{
		id: "python_module_missing",
		name: "A Python module is missing",
		steps: ["install", "build", "test", "start"],
		patterns: [/(?:ModuleNotFoundError|ImportError): No module named ['"]?(?<module>[\w.]{1,120})/],
		async explain({ groups, circumstances: { files } }) {
			const module = (groups.module ?? "").split(".", 1)[0] ?? "";
			if (files && ((await files.isFile(`${module}.py`)) || (await files.isDirectory(module))))
				return {
					message: `Python does not find the module ${quote(groups.module ?? "")} of the project: it is started from another folder, or __init__.py is missing.`,
					action: "Start it from the folder above the module, and commit an __init__.py in each package. Then push and deploy again.",
				};
			const name = packageOfModule[module] ?? module;
			return {
				message: `Python does not find ${quote(module)}: no package that holds it is among the dependencies.`,
				action: `Add ${quote(name)} to requirements.txt (or pyproject.toml), commit it, push and deploy again.`,
			};
		},
	},
];
