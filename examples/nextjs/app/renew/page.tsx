import { LoadAgain } from "@/components/load-again";
import { ownPath } from "@/lib/urls";

/** Where a page sends whose token the API has refused. */
export default async function Renew({ searchParams }: { searchParams: Promise<{ next?: string }> }) {
  const { next } = await searchParams;
  return <LoadAgain url={`/auth/renew?next=${encodeURIComponent(ownPath(next))}`} />;
}
