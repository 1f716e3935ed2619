/**
 * Surcharge for late payment in fen: 3 % of the fine a day, never above the fine (APL Art. 72(1)(1); Compulsion Law Art. 45).
 * `days`: days since the end of the payment period, less those of a remedy or a deferral (APL Art. 73(3)).
 */
export function surchargeFen(fineFen: number, days: number): number {
  if (!Number.isSafeInteger(fineFen) || fineFen < 0 || !Number.isSafeInteger(days) || days < 0)
    throw new RangeError(`surcharge of ${fineFen} fen for ${days} days`)
  return Math.min(fineFen, Math.floor((fineFen * 3 * days) / 100))
}
