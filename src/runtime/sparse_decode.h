/* What the decoders of sparse storages have in common: how a tile, dense or of taps, or a sum of
 * products is made of the weights that they keep. Such a storage has an index that says which
 * weights it keeps, and their values in the order of [channels, outer, inner]. A decoder gives its
 * walk through the index and the width of its values, and all is inlined into one loop. Tested by
 * tests/differential/storage_test.cc. */
#ifndef MOTE_RUNTIME_SPARSE_DECODE_H
#define MOTE_RUNTIME_SPARSE_DECODE_H

#include "runtime/operand.h"
#include "runtime/taps.h"

/* Value `index` of those that are kept, of 8 or 4 bits. */
typedef int32_t (*mote_value)(const uint8_t* values, int32_t index);

static MOTE_INLINED int32_t mote_value8(const uint8_t* values, int32_t index) {
  return (int8_t)values[index];
}

static MOTE_INLINED int32_t mote_value4(const uint8_t* values, int32_t index) {
  const int32_t four = values[index / 2] >> index % 2 * 4 & 15;
  return (four ^ 8) - 8;
}

/* Where the weights of a walk go, the next of which belongs at `at`. */
typedef struct mote_tile_sink {
  int8_t* dense; /* zeros beforehand */
  mote_taps_entry* taps;
  const int8_t* input;
  int32_t sum; /* of the weights */
  int32_t products;
} mote_tile_sink;
typedef void (*mote_put)(mote_tile_sink* sink, int32_t at, int32_t value);

static MOTE_INLINED void mote_put_dense(mote_tile_sink* sink, int32_t at, int32_t value) {
  sink->dense[at] = (int8_t)value;
}

/* Blocks, and groups of N, are filled up with zeros. */
static MOTE_INLINED void mote_put_tap(mote_tile_sink* sink, int32_t at, int32_t value) {
  if (value == 0) return;
  sink->taps->tap.offset = (uint16_t)at;
  sink->taps->tap.weight = (int16_t)value;
  sink->taps++;
  sink->sum += value;
}

static MOTE_INLINED void mote_put_product(mote_tile_sink* sink, int32_t at, int32_t value) {
  sink->products += value * sink->input[at];
  sink->sum += value;
}

/* Puts the weights [begin, end) of a channel, those that are kept, at their places from `begin`.
 * Before them so many others are kept as `position` says; returns that number for what follows. */
typedef int32_t (*mote_walk)(const mote_weights* weights, int32_t channel, int32_t begin,
                             int32_t end, int32_t position, mote_value value, mote_put put,
                             mote_tile_sink* sink);

/* Of a tile, which begins at a multiple of four bytes. Several words at a time, or compilers make a
 * call of memset of it, which small C libraries do byte by byte. */
static inline void mote_clear_tile(void* tile, int32_t bytes) {
  uint32_t* words = tile;
  for (; bytes >= 16; bytes -= 16, words += 4) {
    words[0] = 0;
    words[1] = 0;
    words[2] = 0;
    words[3] = 0;
  }
  int8_t* to = (int8_t*)words;
  for (int32_t k = 0; k < bytes; k++) to[k] = 0;
}

static MOTE_INLINED void mote_make_dense(const mote_weights* weights, int32_t* position,
                                         int32_t channel_begin, int32_t channel_end, void* tile,
                                         mote_walk walk, mote_value value) {
  const mote_weights fields = *weights; /* so that no store into the tile can have changed them */
  const int32_t count = channel_end - channel_begin;
  const int32_t inner = fields.inner;
  int8_t* to = tile;
  mote_clear_tile(tile, fields.outer * count * inner);
  int32_t at = *position;
  for (int32_t c = 0; c < count; c++)
    for (int32_t o = 0; o < fields.outer; o++) {
      mote_tile_sink sink = {.dense = &to[(o * count + c) * inner]};
      at = walk(&fields, channel_begin + c, o * inner, (o + 1) * inner, at, value, mote_put_dense,
                &sink);
    }
  *position = at;
}

static MOTE_INLINED void mote_make_taps(const mote_weights* weights, int32_t* position,
                                        int32_t channel_begin, int32_t channel_end, void* tile,
                                        mote_walk walk, mote_value value) {
  const mote_weights fields = *weights;
  mote_tile_sink sink = {.taps = tile};
  int32_t at = *position;
  for (int32_t c = channel_begin; c < channel_end; c++) {
    mote_taps_entry* channel = sink.taps++;
    sink.sum = 0;
    for (int32_t k = 0; k < fields.inner; k += fields.run) {
      mote_taps_entry* run = sink.taps++;
      at = walk(&fields, c, k, k + fields.run, at, value, mote_put_tap, &sink);
      run->number = (int32_t)(sink.taps - run) - 1;
    }
    channel->number = sink.sum;
  }
  *position = at;
}

static MOTE_INLINED void mote_make_products(const mote_weights* weights, int32_t* position,
                                            int32_t channel, void* products, mote_walk walk,
                                            mote_value value) {
  mote_products* result = products;
  mote_tile_sink sink = {.input = result->input};
  *position = walk(weights, channel, 0, weights->inner, *position, value, mote_put_product, &sink);
  result->sum = sink.products - result->zero_point * sink.sum;
}

#endif
