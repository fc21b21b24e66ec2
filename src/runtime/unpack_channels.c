/* See unpack_channels.h. */
#include "runtime/unpack_channels.h"

#include "runtime/weights.h"

typedef struct mote_packed_fields {
  const uint32_t* words;
  uint32_t bit; /* the next one */
} mote_packed_fields;

/* The next field, of up to 32 bits. Out of line it is a third of the code. */
static MOTE_OUT_OF_LINE uint32_t take(mote_packed_fields* fields, uint32_t bits) {
  const uint32_t* word = fields->words + fields->bit / 32;
  const uint32_t at = fields->bit % 32;
  uint32_t field = *word >> at;
  if (at + bits > 32) field |= word[1] << (32 - at);
  fields->bit += bits;
  return bits == 0 ? 0 : field << (32 - bits) >> (32 - bits);
}

static int32_t multiplier_of(uint32_t factor, uint32_t field) {
  const uint32_t scale = UINT32_C(1) << 31 | field >> 1 << 8;
  const uint32_t product = (uint32_t)((uint64_t)factor * scale >> 32);
  return (int32_t)((product >> (product >> 31)) + (field & 1));
}

MOTE_SHARED(mote_unpack_channels)
void mote_unpack_channels(const void* packed, int32_t channels, void* unpacked) {
  const uint32_t* words = (const uint32_t*)packed;
  const uint32_t factor = words[0], least_bias = words[1], layout = words[2];
  const uint32_t bias_bits = layout & 63, multiplier_bits = layout >> 6 & 31;
  const uint32_t scaling_bits = layout >> 11 & 31;
  const int32_t bias_words = (int32_t)(layout >> 16 & 3);
  const int32_t least_shift = (int8_t)(layout >> 24);
  mote_packed_fields fields = {words + 3, 0};
  int32_t* bias = (int32_t*)unpacked;
  int32_t* multiplier = bias + channels * bias_words;
  int8_t* shift = (int8_t*)(multiplier + channels);
  for (int32_t c = 0; c < channels; c++, bias += bias_words) {
    const uint32_t scaling = take(&fields, scaling_bits);
    const uint32_t above = scaling >> multiplier_bits;
    *multiplier++ = multiplier_of(factor, scaling - (above << multiplier_bits));
    *shift++ = (int8_t)(least_shift + (int32_t)above);
    const int32_t value = (int32_t)(least_bias + take(&fields, bias_bits));
    if (bias_words == 1)
      *bias = value;
    else if (bias_words == 2)
      *(int64_t*)(void*)bias = value;
  }
}
