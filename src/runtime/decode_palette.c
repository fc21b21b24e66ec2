/* See decode_palette.h. */
#include "runtime/decode_palette.h"

#include "runtime/fields.h"

static MOTE_INLINED int8_t entry(uint32_t field, int32_t bits, const uint8_t* table) {
  (void)bits;
  return (int8_t)table[field];
}

MOTE_SHARED(mote_decode_palette)
void mote_decode_palette(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                         int32_t channel_end, void* tile) {
  (void)position;
  const mote_weights fields = *weights; /* so that no store into the tile can have changed them */
  const uint8_t* data = fields.data;
  const int32_t bits = data[0];
  const uint8_t* table = data + 1;
  mote_read_fields(&fields, table + (1 << bits), bits, channel_begin, channel_end, tile, entry,
                   table);
}
