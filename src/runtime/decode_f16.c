/* See decode_f16.h. */
#include "runtime/exact_float.h"

#include "runtime/decode_f16.h"

#include "runtime/arithmetic/float16.h"

MOTE_SHARED(mote_decode_f16)
void mote_decode_f16(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                     int32_t channel_end, void* tile) {
  (void)position;
  const uint16_t* from = (const uint16_t*)weights->data + channel_begin * weights->inner;
  float* to = tile;
  const int32_t count = (channel_end - channel_begin) * weights->inner;
  for (int32_t i = 0; i < weights->outer; i++) {
    for (int32_t k = 0; k < count; k++) *to++ = mote_f32_from_f16(from[k]);
    from += weights->channels * weights->inner;
  }
}
