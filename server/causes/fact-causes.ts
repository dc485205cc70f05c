/** Causes that are known from facts and not from what a program printed: limits, the files of a build, the app's ports. */
export const factCauses = {
	too_slow: "The stage took too long",
	too_much_output: "The command printed too much",
	output_missing: "The build left no site",
	output_elsewhere: "The site is in another folder",
	output_is_server: "The build made a server and no site",
	app_crashed: "The app stopped right after it was started",
	app_never_listens: "The app listens on no port",
	port_fixed: "The app listens on another port",
	app_silent: "The app takes connections and never answers",
	app_not_http: "The app answers, but not with HTTP",
	app_answers_error: "The app answers with an error",
	redirect_loop: "The app redirects for ever",
} as const;
