import type { Metadata } from "next";
import { VerifyEmail } from "@/components/verify-email";

export const metadata: Metadata = { title: "Verify your address", referrer: "no-referrer" };

export default async function Page({ searchParams }: { searchParams: Promise<{ key?: string }> }) {
  const { key = "" } = await searchParams;
  return (
    <>
      <h1>Verify your address</h1>
      <VerifyEmail verificationKey={key} />
    </>
  );
}
