import Link from "next/link";

export default function NotFound() {
  return (
    <>
      <h1>There is no such page</h1>
      <p>Or it is not yours to see. <Link href="/" className="link">Back to the start</Link></p>
    </>
  );
}
