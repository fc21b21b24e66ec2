/* How kernels read weights, whatever their storage: in tiles of neighbouring output channels, which
 * are the outermost loop of a kernel, so that each is decoded once per call. Weights that need no
 * decoding are one tile. Every reference kernel with an operand `weights` reads it so. Tested by
 * tests/differential/storage_test.cc. */
#ifndef MOTE_RUNTIME_WEIGHTS_H
#define MOTE_RUNTIME_WEIGHTS_H

#include "runtime/operand.h"

typedef struct mote_weight_tile {
  const void* data; /* of channels [begin, end): [outer, end - begin, inner], int8 or float */
  int32_t begin;
  int32_t end;
} mote_weight_tile;

/* Moves on to the next tile, or to the first where `tile` is all zeros; 0 behind the last.
 * `scratch` is only looked at where there is something to decode. */
static inline int mote_next_tile(const mote_weights* weights, const mote_operand* scratch,
                                 mote_weight_tile* tile) {
  const int32_t left = weights->channels - tile->end;
  if (left <= 0) return 0;
  tile->begin = tile->end;
  tile->end += left < weights->tile_channels ? left : weights->tile_channels;
  tile->data = weights->data;
  if (weights->decode != NULL) {
    uint8_t* decoded = (uint8_t*)scratch->data + weights->tile_offset_bytes;
    weights->decode(weights, tile->begin, tile->end, decoded);
    tile->data = decoded;
  }
  return 1;
}

#endif
