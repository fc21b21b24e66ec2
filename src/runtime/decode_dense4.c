/* See decode_dense4.h. */
#include "runtime/decode_dense4.h"

/* The weight at `index` of the tensor, sign-extended. */
static int8_t weight_at(const uint8_t* bytes, int32_t index) {
  const int32_t two = bytes[index / 2];
  const int32_t four = index % 2 == 0 ? two % 16 : two / 16;
  return (int8_t)(four < 8 ? four : four - 16);
}

MOTE_SHARED(mote_decode_dense4)
void mote_decode_dense4(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                        int32_t channel_end, void* tile) {
  (void)position;
  int8_t* to = tile;
  int32_t begin = channel_begin * weights->inner;
  const int32_t count = (channel_end - channel_begin) * weights->inner;
  for (int32_t i = 0; i < weights->outer; i++) {
    for (int32_t k = begin; k < begin + count; k++) *to++ = weight_at(weights->data, k);
    begin += weights->channels * weights->inner;
  }
}
