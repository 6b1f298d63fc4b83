// Candidates lane by lane, for CPUs that cannot compress a vector; few vectors hold one.
CK_INLINE size_t lanes_compress(vi hits, vf x, int32_t first, int32_t *ids, float *logits) {
  size_t count = 0;
  for (int lane = 0; lane < LANES; lane++) {
    ids[count] = first + lane;
    logits[count] = x[lane];
    count += hits[lane] != 0;
  }
  return count;
}
