/* See weights.h. */
#include "runtime/weights.h"

MOTE_SHARED(mote_next_tile)
int mote_next_tile(const mote_operand* operands, int32_t scratch, mote_weight_tile* tile) {
  const mote_weights* weights = operands[MOTE_WEIGHTS].weights;
  const int32_t left = weights->channels - tile->end;
  if (left <= 0) return 0;
  if (tile->end == 0) tile->position = 0;
  tile->begin = tile->end;
  tile->end += left < weights->tile_channels ? left : weights->tile_channels;
  tile->data = weights->data;
  if (weights->decode != NULL) {
    uint8_t* decoded = (uint8_t*)operands[scratch].data + weights->tile_offset_bytes;
    weights->decode(weights, &tile->position, tile->begin, tile->end, decoded);
    tile->data = decoded;
  }
  return 1;
}
