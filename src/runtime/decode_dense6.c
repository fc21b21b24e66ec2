/* See decode_dense6.h. */
#include "runtime/decode_dense6.h"

#include "runtime/fields.h"

MOTE_SHARED(mote_decode_dense6)
void mote_decode_dense6(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                        int32_t channel_end, void* tile) {
  (void)position;
  mote_decode_dense(weights, 6, channel_begin, channel_end, tile);
}
