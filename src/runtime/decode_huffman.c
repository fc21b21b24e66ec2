/* See decode_huffman.h. */
#include "runtime/decode_huffman.h"

MOTE_SHARED(mote_decode_huffman)
void mote_decode_huffman(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                         int32_t channel_end, void* tile) {
  const mote_weights fields = *weights; /* so that no store into the tile can have changed them */
  const int32_t count = channel_end - channel_begin;
  const uint8_t* lengths = (const uint8_t*)fields.data + 2;
  const uint8_t* values = lengths + lengths[-2];
  const uint8_t* codes = values + lengths[-1];
  const uint8_t* from = codes + (uint32_t)*position / 8;
  /* Bits to come, and a 1 above them: at 1 there are none left. */
  uint32_t held = (256u | *from++) >> (uint32_t)*position % 8;
  for (int32_t c = 0; c < count; c++)
    for (int32_t o = 0; o < fields.outer; o++) {
      int8_t* to = (int8_t*)tile + (o * count + c) * fields.inner;
      for (const int8_t* end = to + fields.inner; to < end;) {
        const uint8_t* length = lengths;
        const uint8_t* value = values;
        uint32_t number = 0; /* of the code, among those of its length */
        for (;; length++) {
          if (held == 1) held = 256u | *from++;
          number = number * 2 + (held & 1);
          held >>= 1;
          if (number < *length) break;
          number -= *length;
          value += *length;
        }
        *to++ = (int8_t)value[number];
      }
    }
  *position = (int32_t)(from - codes) * 8;
  for (; held > 1; held >>= 1) *position -= 1;
}
