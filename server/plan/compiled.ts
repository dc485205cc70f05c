/** Where the builds of compiled languages put the program, so that it collides with no folder of the repository. */
export const compiledProgram = ".quayside/app";
