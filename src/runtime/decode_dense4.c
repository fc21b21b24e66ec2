/* See decode_dense4.h. */
#include "runtime/decode_dense4.h"

#include "runtime/fields.h"

MOTE_SHARED(mote_decode_dense4)
void mote_decode_dense4(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                        int32_t channel_end, void* tile) {
  (void)position;
  mote_decode_dense(weights, 4, channel_begin, channel_end, tile);
}
