import { useState } from "react";

const products = ["Rope", "Lantern", "Anchor"];

export function App() {
	const [basket, setBasket] = useState<string[]>([]);
	return (
		<main>
			<h1>Web shop</h1>
			<ul>
				{products.map((product) => (
					<li key={product}>
						{product} <button onClick={() => setBasket([...basket, product])}>Add</button>
					</li>
				))}
			</ul>
			<p>In the basket: {basket.length}</p>
		</main>
	);
}
