/* Conv2D on int8 by pairs of int16 (SMLAD): two output channels by three pixels at a time, straight
 * from rows of the input, without a matrix of windows. Per step of rows and tile of weights, rows
 * are widened once, zero points around them; per pair of channels, its weights are, in the order in
 * which they are read; and what the zero point adds to a sum is taken off the bias. Gives the bits
 * of conv2d_s8, whatever the sums on the way: they are exact modulo 2^32. Tested by
 * tests/differential/rows_test.cc. */
#include "ops/conv2d/conv2d_dsp.h"
#include "ops/conv2d/conv2d_kernels.h"
#include "runtime/arithmetic/requantize_dsp.h"
#include "runtime/pairs.h"
#include "runtime/weights.h"

/* How windows lie in widened rows. In this order the assembly reads it. */
typedef struct conv_runs {
  int32_t step;           /* from a pixel to the next, in elements */
  int32_t bytes;          /* of a run in `weights` */
  int32_t count;          /* of runs */
  const int32_t* offsets; /* of each, in elements */
} conv_runs;

/* What stays the same for all rows of a call. */
typedef struct conv_dsp {
  const mote_conv2d_s8_dsp_params* params;
  const mote_operand* operands;
  mote_conv2d_dsp_shape shape;
  conv_runs runs;
  mote_pair* weights; /* of two channels, pairs of each in turn */
  int16_t* rows;      /* widened ones */
} conv_dsp;

/* Two channels of one group, the second perhaps none. */
typedef struct channel_pair {
  int32_t first;
  int32_t count;
  int32_t bias[2]; /* less what the zero point adds */
  mote_dsp_rescaling rescaling[2];
} channel_pair;

static void fill(int16_t* to, int32_t count, int32_t value) {
  for (int32_t i = 0; i < count; i++) to[i] = (int16_t)value;
}

static void widen(int16_t* to, const int8_t* from, int32_t count) {
  int32_t i = 0;
  for (; i + 4 <= count; i += 4) {
    mote_pair pairs[2];
    mote_widen_four(from + i, pairs);
    mote_store_pair(to + i, pairs[0]);
    mote_store_pair(to + i + 2, pairs[1]);
  }
  for (; i < count; i++) to[i] = from[i];
}

/* Row `y` of the input, which may lie in the padding, with the columns that windows read. */
static void widen_row(const conv_dsp* c, int32_t image, int32_t y, int16_t* to) {
  const mote_conv2d_s8_dsp_params* p = c->params;
  const int32_t channels = p->input_channels;
  if (y < 0 || y >= p->input_height) {
    fill(to, c->shape.row_elements, p->input_zero_point);
    return;
  }
  const int32_t left = mote_min_s32(p->padding_left, c->shape.columns);
  const int32_t inside = mote_min_s32(p->input_width, c->shape.columns - left);
  fill(to, left * channels, p->input_zero_point);
  widen(to + left * channels, mote_const_row(&c->operands[MOTE_INPUT], image, y),
        inside * channels);
  const int32_t filled = (left + inside) * channels;
  fill(to + filled, c->shape.row_elements - filled, p->input_zero_point);
}

/* The weights of one channel into every other pair, zeros behind the end of a run. Gives the sum.
 */
static int32_t arrange(const mote_conv2d_dsp_shape* s, const int8_t* weights, mote_pair* to) {
  const mote_pair ones = mote_make_pair(1, 1);
  int32_t sum = 0;
  mote_pair pairs[2];
  for (int32_t run = s->runs; run > 0; run--) {
    int32_t left = s->run;
    for (; left >= 4; left -= 4, weights += 4, to += 4) {
      mote_widen_four(weights, pairs);
      to[0] = pairs[0];
      to[2] = pairs[1];
      sum = mote_add_products(pairs[0], ones, mote_add_products(pairs[1], ones, sum));
    }
    if (left == 0) continue;
    int8_t last[4] = {0, 0, 0, 0};
    for (int32_t i = 0; i < left; i++) sum += last[i] = *weights++;
    mote_widen_four(last, pairs);
    to[0] = pairs[0];
    to[2] = pairs[1];
    to += 4;
  }
  return sum;
}

static void set_channels(const conv_dsp* c, const mote_weight_tile* tile, channel_pair* pair) {
  const mote_conv2d_s8_dsp_params* p = c->params;
  const int32_t* bias = c->operands[MOTE_BIAS].constant;
  const int32_t* multiplier = c->operands[MOTE_INTEGER_MULTIPLIER].constant;
  const int8_t* shift = c->operands[MOTE_INTEGER_SHIFT].constant;
  const int32_t channel_weights = p->window_height * p->window_width * p->group_inputs;
  for (int32_t i = 0; i < 2; i++) {
    const int32_t o = pair->first + (i < pair->count ? i : 0);
    const int8_t* weights = (const int8_t*)tile->data + (o - tile->begin) * channel_weights;
    const int32_t sum = arrange(&c->shape, weights, c->weights + i);
    const uint32_t shifted = (uint32_t)sum * (uint32_t)p->input_zero_point;
    pair->bias[i] = (int32_t)((uint32_t)(bias ? bias[o] : 0) - shifted);
    pair->rescaling[i] = mote_dsp_rescaling_of(multiplier[o], shift[o]);
  }
}

/* Sums of the first channel at three pixels, then of the second. */
typedef struct pixel_sums {
  int32_t sums[2][3];
} pixel_sums;

/* Adds to the sums what the windows of two pixels, or three, hold: the first begins at `row`, the
 * others `step` elements behind. GCC 12 has no registers for all that on a Cortex-M4 and spills
 * within the loop, hence the assembly; of an odd number of quads it begins with the second half. */
#if MOTE_HAS_PAIRS
#define MOTE_PIXEL(load, first, second) \
  load "\n smlad " first ", r10, lr, " first "\n smlad " second ", r11, lr, " second "\n"
#define MOTE_FIRST MOTE_PIXEL(" ldr lr, [r2], #4", "r4", "r7")
#define MOTE_SECOND MOTE_PIXEL(" ldr lr, [r2, r3, lsl #1]", "r5", "r8")
#define MOTE_THIRD MOTE_PIXEL(" ldr lr, [r2, r3, lsl #2]", "r6", "r9")
#define MOTE_WEIGHTS_OF_BOTH " ldrd r10, r11, [r1], #8\n"
#define MOTE_IN_REGISTER __attribute__((unused))
#define MOTE_SUM_WINDOWS(name, PAIRS)                                                \
  static __attribute__((naked, noinline)) void name(                                 \
      pixel_sums* sums MOTE_IN_REGISTER, const mote_pair* weights MOTE_IN_REGISTER,  \
      const int16_t* row MOTE_IN_REGISTER, const conv_runs* runs MOTE_IN_REGISTER) { \
    __asm__ volatile(                                                                \
        " push {r0, r4-r11, lr}\n"                                                   \
        " ldmia r0, {r4-r9}\n"                                                       \
        " ldmia r3, {r3, r10, r11, r12}\n"                                           \
        " add r11, r12, r11, lsl #2\n"                                               \
        " push {r2, r10, r11}\n"                                                     \
        "1: ldmia sp, {r2, r10}\n"                                                   \
        " ldr lr, [r12], #4\n"                                                       \
        " add r2, r2, lr, lsl #1\n"                                                  \
        " add r0, r1, r10\n"                                                         \
        " tst r10, #16\n"                                                            \
        " bne 3f\n"                                                                  \
        "2:" PAIRS PAIRS "3:" PAIRS PAIRS                                            \
        " cmp r1, r0\n"                                                              \
        " bne 2b\n"                                                                  \
        " ldr r10, [sp, #8]\n"                                                       \
        " cmp r12, r10\n"                                                            \
        " bne 1b\n"                                                                  \
        " add sp, #12\n"                                                             \
        " pop {r0}\n"                                                                \
        " stmia r0, {r4-r9}\n"                                                       \
        " pop {r4-r11, pc}" ::                                                       \
            : "memory");                                                             \
  }

MOTE_SUM_WINDOWS(sum_two, MOTE_WEIGHTS_OF_BOTH MOTE_SECOND MOTE_FIRST)
MOTE_SUM_WINDOWS(sum_three, MOTE_WEIGHTS_OF_BOTH MOTE_SECOND MOTE_THIRD MOTE_FIRST)
#else
static void sum_windows(pixel_sums* sums, const mote_pair* weights, const int16_t* row,
                        const conv_runs* runs, int32_t pixels) {
  for (int32_t run = 0; run < runs->count; run++)
    for (int32_t i = 0; i < runs->bytes / 8; i++, weights += 2)
      for (int32_t k = 0; k < pixels; k++) {
        const mote_pair at = mote_load_pair(row + runs->offsets[run] + 2 * i + k * runs->step);
        sums->sums[0][k] = mote_add_products(weights[0], at, sums->sums[0][k]);
        sums->sums[1][k] = mote_add_products(weights[1], at, sums->sums[1][k]);
      }
}

static void sum_two(pixel_sums* sums, const mote_pair* weights, const int16_t* row,
                    const conv_runs* runs) {
  sum_windows(sums, weights, row, runs, 2);
}

static void sum_three(pixel_sums* sums, const mote_pair* weights, const int16_t* row,
                      const conv_runs* runs) {
  sum_windows(sums, weights, row, runs, 3);
}
#endif

/* What one channel has at some pixels. */
static MOTE_INLINED void put(const mote_conv2d_s8_dsp_params* p, const mote_dsp_rescaling* r,
                             const int32_t* sum, int32_t pixels, int8_t* out) {
  const int32_t channels = p->output_channels, offset = p->output_zero_point;
  const int32_t min = p->activation_min, max = p->activation_max;
  const int32_t* end = sum + pixels;
  if (r->scale == 0) {
    for (; sum != end; out += channels)
      *out = (int8_t)mote_clamp_s32(mote_rescale_dsp(*sum++, r, offset), min, max);
    return;
  }
  const int32_t high = r->high, scale = r->scale;
  for (; sum != end; out += channels)
    *out = (int8_t)mote_clamp_s32(mote_rescale_right_dsp(*sum++, high, scale, offset), min, max);
}

/* One row of the output; `row` is where its first window begins. */
static void compute_row(const conv_dsp* c, const channel_pair* pair, const int16_t* row,
                        int8_t* out) {
  const mote_conv2d_s8_dsp_params* p = c->params;
  const int32_t a = pair->bias[0], b = pair->bias[1];
  row += pair->first / p->group_outputs * p->group_inputs;
  out += pair->first;
  int32_t pixels;
  for (int32_t left = p->output_width; left > 0; left -= pixels) {
    pixel_sums sums = {{{a, a, a}, {b, b, b}}};
    pixels = left == 3 || left > 4 ? 3 : mote_min_s32(left, 2);
    if (pixels == 3)
      sum_three(&sums, c->weights, row, &c->runs);
    else
      sum_two(&sums, c->weights, row, &c->runs);
    put(p, &pair->rescaling[0], sums.sums[0], pixels, out);
    if (pair->count == 2) put(p, &pair->rescaling[1], sums.sums[1], pixels, out + 1);
    row += pixels * c->runs.step;
    out += pixels * p->output_channels;
  }
}

static void compute_rows(const conv_dsp* c, const mote_weight_tile* tile, int32_t image,
                         int32_t begin, int32_t end) {
  const mote_conv2d_s8_dsp_params* p = c->params;
  const mote_conv2d_dsp_shape* s = &c->shape;
  const int32_t top = begin * p->stride_height - p->padding_top;
  const int32_t rows =
      (end - 1 - begin) * p->stride_height + (p->window_height - 1) * p->dilation_height + 1;
  for (int32_t r = 0; r < rows; r++) widen_row(c, image, top + r, c->rows + r * s->row_elements);

  channel_pair pair = {tile->begin, 0, {0, 0}, {{0, 0, 0}, {0, 0, 0}}};
  for (; pair.first < tile->end; pair.first += pair.count) {
    const int32_t left = p->group_outputs - pair.first % p->group_outputs;
    pair.count = mote_min_s32(mote_min_s32(left, tile->end - pair.first), 2);
    set_channels(c, tile, &pair);
    for (int32_t y = begin; y < end; y++)
      compute_row(c, &pair, c->rows + (y - begin) * p->stride_height * s->row_elements,
                  mote_row(&c->operands[MOTE_INTEGER_OUTPUT], image, y));
  }
}

/* Into the scratch; gives where it ends. */
static int32_t* set_runs(conv_dsp* c, int32_t* offsets) {
  const mote_conv2d_dsp_shape* s = &c->shape;
  c->runs.step = c->params->stride_width * c->params->input_channels;
  c->runs.bytes = (s->run + 3) / 4 * 16;
  c->runs.count = s->runs;
  c->runs.offsets = offsets;
  for (int32_t ky = 0; ky < c->params->window_height; ky++)
    for (int32_t i = 0; i < s->runs_per_row; i++) *offsets++ = ky * s->row_step + i * s->run_step;
  return offsets;
}

MOTE_SHARED(mote_conv2d_s8_dsp)
void mote_conv2d_s8_dsp(const mote_conv2d_s8_dsp_params* p, const mote_operand* operands,
                        int32_t row_begin, int32_t row_end) {
  conv_dsp c;
  c.params = p;
  c.operands = operands;
  c.shape = mote_conv2d_dsp_shape_of(p);
  c.weights = operands[MOTE_INTEGER_SCRATCH].data;
  c.rows = (int16_t*)set_runs(&c, (int32_t*)(c.weights + mote_conv2d_dsp_pairs(&c.shape)));
  mote_weight_tile tile;
  for (tile.end = 0; mote_next_tile(operands, MOTE_INTEGER_SCRATCH, &tile);)
    for (int32_t image = 0; image < p->batch; image++)
      for (int32_t y = row_begin; y < row_end; y += p->rows)
        compute_rows(&c, &tile, image, y, mote_min_s32(y + p->rows, row_end));
}
