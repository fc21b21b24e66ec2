/* The operands of a kernel call: where a tensor's rows lie, and in which storage its weights are.
 *
 * Every kernel has the shape  void mote_NAME(const mote_NAME_params *params, const mote_operand
 * *operands, int32_t row_begin, int32_t row_end)  and computes the output rows [row_begin,
 * row_end). A tensor [N, H, W, C] has H rows of W * C elements; one of rank 2, [N, C], has one row
 * per image. Kernels trust their arguments: whatever can fail has failed in `lower`. */
#ifndef MOTE_RUNTIME_OPERAND_H
#define MOTE_RUNTIME_OPERAND_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/linkage.h"

MOTE_C_BEGIN

/* How a layer's weights are kept. A lossless choice: it never changes a value. PLAIN(NAME): kernels
 * read the data as they are. CODED(NAME, name, element, stored): runtime/decode_<name>.c makes
 * weights of type `element` of data of type `stored`, which encode_<name> of deploy/storage has
 * made of them. SLOW: the same, but decoding takes several times as long, and so many bytes in the
 * scratch behind the tile, where they lie at the next multiple of 8. SPARSE: the decoder also gives
 * taps (runtime/taps.h), so that kernels can skip the weights that are 0. The host's table,
 * deploy/storage/storage.cc, derives from the row. */
/* clang-format off */
#define MOTE_STORAGES(PLAIN, CODED, SLOW, SPARSE)                                                 \
  PLAIN(DENSE8)                         /* int8, one byte a weight, in the order of the tensor */ \
  PLAIN(F32)                            /* IEEE binary32, in the order of the tensor */           \
  PLAIN(TILES)                          /* as runtime/tile.h says, for one variant of a kernel */ \
  CODED(F16, f16, float32, float16)     /* IEEE binary16, which stands for the same binary32 */   \
  CODED(DENSE2, dense2, int8, uint8)    /* of [-2, 1], two bits each, as runtime/fields.h says */ \
  CODED(DENSE3, dense3, int8, uint8)    /* of [-4, 3], three bits */                              \
  CODED(DENSE4, dense4, int8, uint8)    /* of [-8, 7], two a byte, the first in the low bits */   \
  CODED(DENSE5, dense5, int8, uint8)    /* of [-16, 15], five bits */                             \
  CODED(DENSE6, dense6, int8, uint8)    /* of [-32, 31], six bits */                              \
  CODED(DENSE7, dense7, int8, uint8)    /* of [-64, 63], seven bits */                            \
  CODED(PALETTE, palette, int8, uint8)  /* up to 16 values, and which of them each weight is */   \
  SLOW(HUFFMAN, huffman, int8, uint8, 0) /* shorter codes for weights that are frequent */        \
  SLOW(RANGE, range, int8, uint8, 176)   /* one number, of which the frequent take less */        \
  SPARSE(BITMAP, bitmap, int8, uint8)   /* a bit for each weight, then those that are not 0 */    \
  SPARSE(BITMAP4, bitmap4, int8, uint8) /* the same, values as in dense4 */                       \
  SPARSE(BLOCKS, blocks, int8, uint8)   /* a bit for four neighbours, then fours not all 0 */     \
  SPARSE(BLOCKS4, blocks4, int8, uint8) /* the same, values as in dense4 */                       \
  SPARSE(N_OF_M, n_of_m, int8, uint8)   /* of every M neighbours the places of N, then those */   \
  SPARSE(N_OF_M4, n_of_m4, int8, uint8) /* the same, values as in dense4 */
/* clang-format on */

#define MOTE_PLAIN(NAME) MOTE_STORAGE_##NAME,
#define MOTE_CODED(NAME, name, element, stored) MOTE_STORAGE_##NAME,
#define MOTE_SLOW(NAME, name, element, stored, state_bytes) MOTE_STORAGE_##NAME,
typedef enum mote_storage {
  MOTE_STORAGES(MOTE_PLAIN, MOTE_CODED, MOTE_SLOW, MOTE_CODED)
} mote_storage;
#undef MOTE_PLAIN
#undef MOTE_CODED
#undef MOTE_SLOW

struct mote_weights;

/* Decodes the weights of output channels [channel_begin, channel_end) into `tile`: as int8 or
 * binary32, [outer, channel_end - channel_begin, inner], or as taps (runtime/taps.h). Sparse
 * storages and slow ones are read in the order of channels: `*position` counts the weights kept,
 * or the bits, before channel_begin, and then those before channel_end; 0 at channel 0. What a slow
 * one keeps behind the tile must be there still at the next. */
typedef void (*mote_decode_tile)(const struct mote_weights* weights, int32_t* position,
                                 int32_t channel_begin, int32_t channel_end, void* tile);

/* The weights of a layer, [outer, channels, inner]: a convolution's or a dense layer's have
 * outer 1, a depthwise convolution's inner 1. runtime/weights.h reads them. */
typedef struct mote_weights {
  const void* data;
  mote_storage storage;
  mote_decode_tile decode; /* NULL where kernels read the data as they are */
  int32_t outer;
  int32_t channels;
  int32_t inner;
  int32_t run;               /* of taps (runtime/taps.h): what is one behind the other; else 0 */
  int32_t tile_channels;     /* how many are decoded at a time; all where decode is NULL */
  int32_t tile_offset_bytes; /* of the tile in the call's scratch */
} mote_weights;

/* Where rows lie that are not evenly spaced: row r at base + offset_bytes[r]. Several rows may take
 * turns in one place. */
typedef struct mote_slots {
  void* base;
  const int32_t* offset_bytes;
} mote_slots;

typedef struct mote_operand {
  union {
    void* data;                  /* activations and scratch */
    const void* constant;        /* inputs of the model, biases, multipliers: never written */
    const mote_weights* weights; /* the operand that a kernel calls `weights` */
    const mote_slots* slots;     /* activations, where image_rows is 0 */
  };
  int32_t row_stride_bytes; /* from a row to the next, of an image and from image to image */
  int32_t image_rows;       /* the tensor's height; 0: `slots` says where each row lies */
} mote_operand;

static MOTE_RARE void* mote_slot_of_row(const mote_operand* operand, int32_t row) {
  return (uint8_t*)operand->slots->base + operand->slots->offset_bytes[row];
}

/* The first byte of row `row` of image `image`, which is 0 where rows lie in slots. */
static inline void* mote_row(const mote_operand* operand, int32_t image, int32_t row) {
  if (row >= operand->image_rows) return mote_slot_of_row(operand, row);
  const ptrdiff_t index = (ptrdiff_t)image * operand->image_rows + row;
  return (uint8_t*)operand->data + index * operand->row_stride_bytes;
}

static inline const void* mote_const_row(const mote_operand* operand, int32_t image, int32_t row) {
  return mote_row(operand, image, row);
}

/* Where kernels of one activation find it and their output among their operands. Kernels of two:
 * runtime/broadcast.h, with weights: runtime/weighted.h; others say so in their headers. */
enum { MOTE_UNARY_INPUT, MOTE_UNARY_OUTPUT };

/* Declares one field of a parameter struct; a struct mote_X_params lists its fields once, as
 * MOTE_FIELDS_OF_X(FIELD), and the struct, the host's tables and the emitter all derive from it. */
#define MOTE_PARAM_FIELD(type, name) type name;

MOTE_C_END

#endif
