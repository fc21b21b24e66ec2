/* See decode_range.h. */
#include "runtime/decode_range.h"

#include "runtime/weights.h"

static MOTE_OUT_OF_LINE uint32_t next_bit(mote_range_state* state, uint32_t place) {
  const mote_range_bit bit = state->bits[place];
  uint32_t range = state->range, code = state->code;
  if (range < MOTE_RANGE_LEAST) {
    range *= 256;
    code = code * 256 + *state->from++;
  }
  const uint32_t of_zero = mote_range_of_zero(bit, range);
  const uint32_t one = code >= of_zero;
  if (one) {
    code -= of_zero;
    range -= of_zero;
  } else {
    range = of_zero;
  }
  state->range = range;
  state->code = code;
  state->bits[place] = mote_range_after(bit, one);
  return one;
}

static int8_t next_weight(mote_range_state* state) {
  uint32_t length = 0, value = 1;
  while (length < MOTE_RANGE_LENGTHS && next_bit(state, length)) length++;
  for (uint32_t left = length; left > 0; left--)
    value = value * 2 + next_bit(state, mote_range_place(length, value));
  const int32_t magnitude = (int32_t)(value / 2);
  return (int8_t)(value % 2 ? -magnitude : magnitude);
}

MOTE_SHARED(mote_decode_range)
void mote_decode_range(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                       int32_t channel_end, void* tile) {
  (void)position;
  const int32_t outer = weights->outer, inner = weights->inner;
  const int32_t count = channel_end - channel_begin;
  const uint32_t most = (uint32_t)(weights->tile_channels * outer * inner + 7) / 8 * 8;
  mote_range_state* state = (mote_range_state*)(void*)((int8_t*)tile + most);
  if (channel_begin == 0) {
    state->from = (const uint8_t*)weights->data;
    state->range = 1;
    state->code = 0;
    for (int32_t i = 0; i < MOTE_RANGE_BITS; i++) state->bits[i] = mote_range_unknown();
  }
  for (int32_t c = 0; c < count; c++)
    for (int32_t o = 0; o < outer; o++) {
      int8_t* to = (int8_t*)tile + (o * count + c) * inner;
      for (const int8_t* end = to + inner; to < end;) *to++ = next_weight(state);
    }
}
