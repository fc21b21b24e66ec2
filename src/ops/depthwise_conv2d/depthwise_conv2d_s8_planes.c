/* DepthwiseConv2D on int8 by pairs of int16 (SMLAD), of windows three wide: four neighbouring
 * pixels of a channel at a time. Per step of rows and four channels, rows are widened once into
 * planes of one channel each, zero points around them; and what the zero point adds to a sum is
 * taken off the bias. Gives the bits of depthwise_conv2d_s8, whatever the sums on the way: they are
 * exact modulo 2^32. Tested by tests/differential/rows_test.cc. */
#include "ops/depthwise_conv2d/depthwise_conv2d_dsp.h"
#include "runtime/arithmetic/requantize_dsp.h"
#include "runtime/pairs.h"
#include "runtime/weights.h"

/* What stays the same for all rows of a call. */
typedef struct planes_dsp {
  const mote_depthwise_conv2d_s8_params* params;
  const mote_operand* operands;
  mote_depthwise_planes_shape shape;
  mote_pair* weights; /* of a channel: of each row of the window (w0, w1) and (w1, w2) */
  int16_t* planes;
} planes_dsp;

/* Neighbouring pixels of a row. In this order the assembly reads and writes it. */
typedef struct plane_pixels {
  const mote_pair* weights;
  const int16_t* row; /* under the next window */
  int32_t row_bytes;  /* from a row of the window to the next */
  int32_t bias;
  const mote_pair* weights_end;
  int8_t* out;      /* NULL: four pixels, whose sums are asked for */
  int32_t out_step; /* from a pixel to the next, in bytes */
  int32_t zero_point;
  int32_t high; /* of the rescaling */
  int32_t scale;
  int32_t left; /* pixels */
  int32_t sums[4];
} plane_pixels;

static void fill_row(int16_t* to, int32_t count, int32_t value) {
  for (int32_t i = 0; i < count; i++) to[i] = (int16_t)value;
}

/* A row of four channels, or fewer, at the same place of each plane. */
static void widen_channels(const planes_dsp* c, const int8_t* from, int32_t pixels,
                           int32_t channels, int16_t* to) {
  const int32_t step = c->params->input_channels, plane = c->shape.plane;
  const int8_t* end = from + pixels * step;
  if (channels == 4)
    for (; from + step < end; from += 2 * step, to += 2) {
      mote_pair even, odd, next_even, next_odd;
      mote_split_four(from, &even, &odd);
      mote_split_four(from + step, &next_even, &next_odd);
      mote_store_pair(to, mote_firsts_of_pairs(even, next_even));
      mote_store_pair(to + plane, mote_firsts_of_pairs(odd, next_odd));
      mote_store_pair(to + 2 * plane, mote_seconds_of_pairs(even, next_even));
      mote_store_pair(to + 3 * plane, mote_seconds_of_pairs(odd, next_odd));
    }
  for (; from < end; from += step, to++)
    for (int32_t k = 0; k < channels; k++) to[k * plane] = from[k];
}

/* Row `y` of the input, which may lie in the padding, of channels [first, first + channels). */
static void widen_row(const planes_dsp* c, int32_t image, int32_t y, int32_t first,
                      int32_t channels, int16_t* to) {
  const mote_depthwise_conv2d_s8_params* p = c->params;
  const int32_t row = c->shape.row, plane = c->shape.plane;
  const int outside = y < 0 || y >= p->input_height;
  const int32_t left = outside ? row : mote_min_s32(p->padding_left, row);
  const int32_t inside = mote_min_s32(p->input_width, row - left);
  for (int32_t k = 0; k < channels; k++) {
    fill_row(to + k * plane, left, p->input_zero_point);
    fill_row(to + k * plane + left + inside, row - left - inside, p->input_zero_point);
  }
  if (outside) return;
  const int8_t* from = mote_const_row(&c->operands[MOTE_INPUT], image, y);
  widen_channels(c, from + first, inside, channels, to + left);
}

/* Four pixels of a row, or as many as are left of it, after four: GCC 12 has no registers for what
 * stays in them here. Pixels that there are not are computed, but not put. */
#if MOTE_HAS_PAIRS
#define MOTE_IN_REGISTER __attribute__((unused))
#define MOTE_PUT_NEXT(sum) MOTE_RESCALED(sum, "r3", "r8", "r2") " strb " sum ", [r0]\n add r0, r1\n"
#define MOTE_PUT_UNLESS_LAST(sum, count) \
  MOTE_PUT_NEXT(sum)                     \
  " cmp r9, #" count                     \
  "\n"                                   \
  " ble 3f\n"
#define MOTE_COMPUTE_PLANE(name, ROW, BYTES)                                                   \
  static __attribute__((naked, noinline)) void name(plane_pixels* pixels MOTE_IN_REGISTER) {   \
    __asm__ volatile(                                                                        \
        " push {r0, r4-r11, lr}\n"                                                           \
        "1: ldr r0, [sp]\n"                                                                  \
        " ldmia r0, {r1-r4, r12}\n"                                                          \
        " mov r5, r4\n"                                                                      \
        " mov r6, r4\n"                                                                      \
        " mov r7, r4\n"                                                                      \
        "2: ldmia r1!, {r8, r9}\n" ROW                                                       \
        " add r2, r3\n"                                                                      \
        " cmp r1, r12\n"                                                                     \
        " bne 2b\n"                                                                          \
        " ldr lr, [sp]\n"                                                                    \
        " add lr, #20\n"                                                                     \
        " ldmia lr, {r0-r3, r8, r9}\n"                                                       \
        " cmp r0, #0\n"                                                                      \
        " beq 4f\n" MOTE_PUT_UNLESS_LAST("r4", "1") MOTE_PUT_UNLESS_LAST("r5", "2")          \
            MOTE_PUT_UNLESS_LAST("r6", "3") MOTE_PUT_NEXT("r7")                              \
        " str r0, [lr]\n"                                                                    \
        " ldr r2, [lr, #-16]\n"                                                              \
        " add r2, #" BYTES                                                                   \
        "\n"                                                                                 \
        " str r2, [lr, #-16]\n"                                                              \
        " subs r9, #4\n"                                                                     \
        " str r9, [lr, #20]\n"                                                               \
        " bne 1b\n"                                                                          \
        "3: pop {r0, r4-r11, pc}\n"                                                          \
        "4: add lr, #24\n"                                                                   \
        " stmia lr, {r4-r7}\n"                                                               \
        " b 3b" ::                                                                           \
            : "memory"); \
  }

MOTE_COMPUTE_PLANE(compute_plane_by_one,
                   " ldmia r2, {r10, r11, lr}\n"
                   " smlad r4, r10, r8, r4\n"
                   " smlabt r4, r11, r9, r4\n"
                   " smlatb r5, r10, r8, r5\n"
                   " smlad r5, r11, r9, r5\n"
                   " smlad r6, r11, r8, r6\n"
                   " smlabt r6, lr, r9, r6\n"
                   " smlatb r7, r11, r8, r7\n"
                   " smlad r7, lr, r9, r7\n",
                   "8")
MOTE_COMPUTE_PLANE(compute_plane_by_two,
                   " ldmia r2, {r0, r10, r11, lr}\n"
                   " smlad r4, r0, r8, r4\n"
                   " smlabt r4, r10, r9, r4\n"
                   " ldr r0, [r2, #16]\n"
                   " smlad r5, r10, r8, r5\n"
                   " smlabt r5, r11, r9, r5\n"
                   " smlad r6, r11, r8, r6\n"
                   " smlabt r6, lr, r9, r6\n"
                   " smlad r7, lr, r8, r7\n"
                   " smlabt r7, r0, r9, r7\n",
                   "16")
#else
static void sum_windows(plane_pixels* g, int32_t stride) {
  for (int32_t k = 0; k < 4; k++) g->sums[k] = g->bias;
  const int16_t* row = g->row;
  for (const mote_pair* w = g->weights; w != g->weights_end; w += 2, row += g->row_bytes / 2)
    for (int32_t k = 0; k < 4; k++) {
      const int32_t x = k * stride, in_second = x % 2;
      const mote_pair first = mote_load_pair(row + (x & ~1));
      const mote_pair second = mote_load_pair(row + (x & ~1) + 2);
      if (in_second) {
        g->sums[k] = mote_add_second_by_first(first, w[0], g->sums[k]);
        g->sums[k] = mote_add_products(second, w[1], g->sums[k]);
      } else {
        g->sums[k] = mote_add_products(first, w[0], g->sums[k]);
        g->sums[k] = mote_add_first_by_second(second, w[1], g->sums[k]);
      }
    }
}

static void compute_plane(plane_pixels* g, int32_t stride) {
  do {
    sum_windows(g, stride);
    if (g->out == NULL) return;
    for (int32_t k = 0; k < 4 && k < g->left; k++, g->out += g->out_step)
      *g->out = mote_rescale_s8_dsp(g->sums[k], g->high, g->scale, g->zero_point);
    g->row += 4 * stride;
    g->left -= 4;
  } while (g->left > 0);
}

static void compute_plane_by_one(plane_pixels* pixels) {
  compute_plane(pixels, 1);
}

static void compute_plane_by_two(plane_pixels* pixels) {
  compute_plane(pixels, 2);
}
#endif

static void compute_row(const planes_dsp* c, plane_pixels* g, const mote_dsp_rescaling* r,
                        const int16_t* row, int8_t* out) {
  const mote_depthwise_conv2d_s8_params* p = c->params;
  const int quick = mote_dsp_only_saturates(r, p->activation_min, p->activation_max);
  g->row = row;
  g->left = p->output_width;
  g->out = quick ? out : NULL;
  for (int32_t left = p->output_width; left > 0; left -= 4, g->row += 4 * p->stride_width) {
    if (p->stride_width == 1)
      compute_plane_by_one(g);
    else
      compute_plane_by_two(g);
    if (quick) return;
    for (int32_t k = 0; k < 4 && k < left; k++, out += g->out_step) {
      const int32_t value = mote_rescale_dsp(g->sums[k], r, p->output_zero_point);
      *out = (int8_t)mote_clamp_s32(value, p->activation_min, p->activation_max);
    }
  }
}

/* Channel `o` of the output, of rows [begin, end), from its plane. */
static void compute_channel(const planes_dsp* c, const mote_weight_tile* tile, int32_t o,
                            const int16_t* plane, int32_t image, int32_t begin, int32_t end) {
  const mote_depthwise_conv2d_s8_params* p = c->params;
  const int32_t* bias = c->operands[MOTE_BIAS].constant;
  const int32_t* multiplier = c->operands[MOTE_INTEGER_MULTIPLIER].constant;
  const int8_t* shift = c->operands[MOTE_INTEGER_SHIFT].constant;
  const int32_t distance = tile->end - tile->begin;
  const int8_t* from = (const int8_t*)tile->data + (o - tile->begin);
  mote_pair* to = c->weights;
  int32_t sum = 0;
  for (int32_t ky = 0; ky < p->window_height; ky++, from += 3 * distance, to += 2) {
    const int32_t a = from[0], b = from[distance], d = from[2 * distance];
    to[0] = mote_make_pair(a, b);
    to[1] = mote_make_pair(b, d);
    sum += a + b + d;
  }
  const mote_dsp_rescaling r = mote_dsp_rescaling_of(multiplier[o], shift[o]);
  plane_pixels g;
  g.weights = c->weights;
  g.weights_end = to;
  g.row_bytes = 2 * p->dilation_height * c->shape.row;
  g.bias =
      (int32_t)((uint32_t)(bias ? bias[o] : 0) - (uint32_t)sum * (uint32_t)p->input_zero_point);
  g.out_step = p->input_channels * p->depth_multiplier;
  g.zero_point = p->output_zero_point;
  g.high = r.high;
  g.scale = r.scale;
  for (int32_t y = begin; y < end; y++, plane += p->stride_height * c->shape.row)
    compute_row(c, &g, &r, plane,
                (int8_t*)mote_row(&c->operands[MOTE_INTEGER_OUTPUT], image, y) + o);
}

/* Rows [begin, end) of all channels of a tile. */
static void compute_rows(const planes_dsp* c, const mote_weight_tile* tile, int32_t image,
                         int32_t begin, int32_t end) {
  const mote_depthwise_conv2d_s8_params* p = c->params;
  const int32_t multiplier = p->depth_multiplier;
  const int32_t top = begin * p->stride_height - p->padding_top;
  const int32_t rows = c->shape.input_rows - (c->shape.rows - (end - begin)) * p->stride_height;
  int32_t o = tile->begin;
  while (o < tile->end) {
    const int32_t first = o / multiplier;
    const int32_t channels = mote_min_s32((tile->end - 1) / multiplier + 1 - first, 4);
    for (int32_t r = 0; r < rows; r++)
      widen_row(c, image, top + r, first, channels, c->planes + r * c->shape.row);
    for (; o < tile->end && o / multiplier < first + channels; o++)
      compute_channel(c, tile, o, c->planes + (o / multiplier - first) * c->shape.plane, image,
                      begin, end);
  }
}

MOTE_SHARED(mote_depthwise_conv2d_s8_planes)
void mote_depthwise_conv2d_s8_planes(const mote_depthwise_conv2d_s8_params* p,
                                     const mote_operand* operands, int32_t row_begin,
                                     int32_t row_end) {
  planes_dsp c;
  c.params = p;
  c.operands = operands;
  c.shape = mote_depthwise_planes_shape_of(p);
  c.weights = operands[MOTE_INTEGER_SCRATCH].data;
  c.planes = (int16_t*)(c.weights + 2 * p->window_height);
  mote_weight_tile tile;
  for (tile.end = 0; mote_next_tile(operands, MOTE_INTEGER_SCRATCH, &tile);)
    for (int32_t image = 0; image < p->batch; image++)
      for (int32_t y = row_begin; y < row_end; y += c.shape.rows)
        compute_rows(&c, &tile, image, y, mote_min_s32(y + c.shape.rows, row_end));
}
