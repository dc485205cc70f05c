import { cva } from "class-variance-authority";

/** How buttons look, also for what is no `Button`: links, and pages that must load as little as can be. */
export const buttonVariants = cva(
	"inline-flex shrink-0 items-center justify-center gap-2 whitespace-nowrap rounded-md border font-medium text-sm disabled:opacity-60 aria-disabled:opacity-60 pointer-coarse:min-h-11 [&_svg]:size-4 [&_svg]:shrink-0",
	{
		variants: {
			variant: {
				default: "border-primary-edge bg-primary text-primary-foreground enabled:hover:bg-primary-hover [a&]:hover:bg-primary-hover",
				outline: "border-input bg-surface text-foreground enabled:hover:bg-sunken [a&]:hover:bg-sunken",
				ghost: "border-transparent bg-transparent text-foreground enabled:hover:bg-sunken [a&]:hover:bg-sunken",
				destructive: "border-danger-solid bg-danger-solid text-danger-foreground enabled:hover:brightness-110",
				link: "border-transparent px-0 text-info underline underline-offset-4",
			},
			size: {
				default: "h-10 px-4",
				sm: "h-8 px-3 text-[0.8125rem]",
				icon: "size-9 pointer-coarse:min-w-11",
				"icon-sm": "size-8 pointer-coarse:min-w-11",
			},
		},
		defaultVariants: { variant: "default", size: "default" },
	},
);
