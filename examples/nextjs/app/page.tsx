import Link from "next/link";

export default function Home() {
  return (
    <>
      <h1>Data projects, in one place</h1>
      <p className="text-soft">Claims, appointments and forecasts: what is under way, who is responsible, how far it is.</p>
      <p className="flex flex-wrap gap-3">
        <Link href="/waitlist" className="button primary">Join the waitlist</Link>
        <Link href="/contact" className="button">Write to us</Link>
      </p>
    </>
  );
}
