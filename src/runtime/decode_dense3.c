/* See decode_dense3.h. */
#include "runtime/decode_dense3.h"

#include "runtime/fields.h"

MOTE_SHARED(mote_decode_dense3)
void mote_decode_dense3(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                        int32_t channel_end, void* tile) {
  (void)position;
  mote_decode_dense(weights, 3, channel_begin, channel_end, tile);
}
