"use client";
import { useEffect, useState } from "react";

/** The present moment of this browser's clock, renewed every second while `running`. */
export function useSeconds(running: boolean): number {
	const [now, setNow] = useState(0);
	useEffect(() => {
		if (!running) return;
		setNow(Date.now());
		const timer = setInterval(() => setNow(Date.now()), 1000);
		return () => clearInterval(timer);
	}, [running]);
	return now;
}
