/* Conv2D on int8 by pairs of int16 (SMLAD): two output channels by three pixels at a time, straight
 * from rows of the input, without a matrix of windows. Per step of rows and tile of weights, rows
 * are widened once, zero points around them; per pair of channels, its weights are, in the order in
 * which they are read; and what the zero point adds to a sum is taken off the bias. Gives the bits
 * of conv2d_s8, whatever the sums on the way: they are exact modulo 2^32. Tested by
 * tests/differential/rows_test.cc. */
#include "ops/conv2d/conv2d_dsp.h"
#include "ops/conv2d/conv2d_put_dsp.h"
#include "runtime/pairs.h"
#include "runtime/weights.h"

/* What stays the same for all rows of a call. */
typedef struct conv_dsp {
  const mote_conv2d_s8_dsp_params* params;
  const mote_operand* operands;
  mote_conv2d_dsp_shape shape;
  mote_pair* weights; /* of two channels, pairs of each in turn */
  int32_t* offsets;   /* of runs from where a window begins, in elements */
  int16_t* rows;      /* widened ones */
} conv_dsp;

/* Groups of two or three neighbouring pixels. In this order the assembly reads and writes it. */
typedef struct pixel_groups {
  const mote_pair* weights;
  const int16_t* row; /* where the next window begins */
  int32_t step;       /* from a window to the next, in elements */
  int32_t run_bytes;  /* of weights */
  const int32_t* offsets_end;
  const int32_t* offsets; /* of runs */
  int32_t bias[2][3];     /* of each channel at each pixel */
  int8_t* out;            /* NULL: one group, whose sums are asked for */
  int32_t out_step;       /* from a pixel to the next, in bytes */
  int32_t zero_point;
  int32_t rescaling[2][2]; /* of each channel, `high` and `scale` */
  int32_t count;
  int32_t sums[2][3];
} pixel_groups;

/* Two channels of one group, the second perhaps none. */
typedef struct channel_pair {
  int32_t first;
  int32_t count;
  mote_dsp_rescaling rescaling[2];
  int quick; /* whether the pixels can be computed with their outputs */
  pixel_groups groups;
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
    const int32_t start = (int32_t)((uint32_t)(bias ? bias[o] : 0) - shifted);
    for (int32_t k = 0; k < 3; k++) pair->groups.bias[i][k] = start;
    pair->rescaling[i] = mote_dsp_rescaling_of(multiplier[o], shift[o]);
    pair->groups.rescaling[i][0] = pair->rescaling[i].high;
    pair->groups.rescaling[i][1] = pair->rescaling[i].scale;
  }
  pair->quick =
      pair->count == 2 &&
      mote_dsp_only_saturates(&pair->rescaling[0], p->activation_min, p->activation_max) &&
      mote_dsp_only_saturates(&pair->rescaling[1], p->activation_min, p->activation_max);
}

/* GCC 12 has no registers for all that on a Cortex-M4 and spills within the loop, hence the
 * assembly; of an odd number of quads it begins with the second half. */
#if MOTE_HAS_PAIRS
#define MOTE_PIXEL(load, first, second) \
  load "\n smlad " first ", r10, lr, " first "\n smlad " second ", r11, lr, " second "\n"
#define MOTE_FIRST MOTE_PIXEL(" ldr lr, [r2], #4", "r4", "r7")
#define MOTE_SECOND MOTE_PIXEL(" ldr lr, [r2, r3, lsl #1]", "r5", "r8")
#define MOTE_THIRD MOTE_PIXEL(" ldr lr, [r2, r3, lsl #2]", "r6", "r9")
#define MOTE_WEIGHTS_OF_BOTH " ldrd r10, r11, [r1], #8\n"
#define MOTE_PUT_FIRST(sum, at) MOTE_RESCALED(sum, "r3", "r10", "r2") " strb " sum ", " at "\n"
#define MOTE_PUT_SECOND(sum, at) MOTE_RESCALED(sum, "r11", "r12", "r2") " strb " sum ", " at "\n"
#define MOTE_IN_REGISTER __attribute__((unused))
#define MOTE_COMPUTE_PIXELS(name, PAIRS, PUTS, STEP)                                         \
  static __attribute__((naked, noinline)) void name(pixel_groups* groups MOTE_IN_REGISTER) { \
    __asm__ volatile(                                                                        \
        " push {r0, r4-r11, lr}\n"                                                           \
        " sub sp, #12\n"                                                                     \
        "1: ldr r0, [sp, #12]\n"                                                             \
        " ldmia r0!, {r1, r2, r3, r10, r11, r12}\n"                                          \
        " stmia sp, {r2, r10, r11}\n"                                                        \
        " ldmia r0, {r4-r9}\n"                                                               \
        "2: ldmia sp, {r2, r10}\n"                                                           \
        " ldr lr, [r12], #4\n"                                                               \
        " add r2, r2, lr, lsl #1\n"                                                          \
        " add r0, r1, r10\n"                                                                 \
        " tst r10, #16\n"                                                                    \
        " bne 4f\n"                                                                          \
        "3:" PAIRS PAIRS "4:" PAIRS PAIRS                                                    \
        " cmp r1, r0\n"                                                                      \
        " bne 3b\n"                                                                          \
        " ldr r10, [sp, #8]\n"                                                               \
        " cmp r12, r10\n"                                                                    \
        " bne 2b\n"                                                                          \
        " ldr lr, [sp, #12]\n"                                                               \
        " add lr, #48\n"                                                                     \
        " ldmia lr, {r0, r1, r2, r3, r10, r11, r12}\n"                                       \
        " cmp r0, #0\n"                                                                      \
        " beq 5f\n" PUTS                                                                     \
        " str r0, [lr]\n"                                                                    \
        " b 6f\n"                                                                            \
        "5: add r0, lr, #32\n"                                                               \
        " stmia r0, {r4-r9}\n"                                                               \
        "6: ldr r2, [lr, #-44]\n"                                                            \
        " ldr r3, [lr, #-40]\n" STEP                                                         \
        " str r2, [lr, #-44]\n"                                                              \
        " ldr r3, [lr, #28]\n"                                                               \
        " subs r3, #1\n"                                                                     \
        " str r3, [lr, #28]\n"                                                               \
        " bne 1b\n"                                                                          \
        " add sp, #16\n"                                                                     \
        " pop {r4-r11, pc}" ::                                                               \
            : "memory");                                                                     \
  }

MOTE_COMPUTE_PIXELS(compute_twos, MOTE_WEIGHTS_OF_BOTH MOTE_SECOND MOTE_FIRST,
                    MOTE_PUT_FIRST("r4", "[r0]") MOTE_PUT_FIRST("r5", "[r0, r1]")
                        MOTE_PUT_SECOND("r7", "[r0, #1]!")
                            MOTE_PUT_SECOND("r8",
                                            "[r0, r1]") " add r0, r0, r1, lsl #1\n sub r0, #1\n",
                    " add r2, r2, r3, lsl #2\n")
MOTE_COMPUTE_PIXELS(
    compute_threes, MOTE_WEIGHTS_OF_BOTH MOTE_SECOND MOTE_THIRD MOTE_FIRST,
    MOTE_PUT_FIRST("r4", "[r0]") MOTE_PUT_FIRST("r5", "[r0, r1]")
        MOTE_PUT_FIRST("r6", "[r0, r1, lsl #1]") MOTE_PUT_SECOND("r7", "[r0, #1]!")
            MOTE_PUT_SECOND("r8", "[r0, r1]") MOTE_PUT_SECOND(
                "r9", "[r0, r1, lsl #1]") " add r1, r1, r1, lsl #1\n add r0, r0, r1\n sub r0, #1\n",
    " add r3, r3, r3, lsl #1\n add r2, r2, r3, lsl #1\n")
#else
static void sum_windows(pixel_groups* g, int32_t pixels) {
  const mote_pair* weights = g->weights;
  for (const int32_t* run = g->offsets; run != g->offsets_end; run++)
    for (int32_t i = 0; i < g->run_bytes / 8; i++, weights += 2)
      for (int32_t k = 0; k < pixels; k++) {
        const mote_pair at = mote_load_pair(g->row + *run + 2 * i + k * g->step);
        g->sums[0][k] = mote_add_products(weights[0], at, g->sums[0][k]);
        g->sums[1][k] = mote_add_products(weights[1], at, g->sums[1][k]);
      }
}

static void compute_pixels_by(pixel_groups* g, int32_t pixels) {
  for (; g->count > 0; g->count--, g->row += pixels * g->step) {
    for (int32_t i = 0; i < 2; i++)
      for (int32_t k = 0; k < pixels; k++) g->sums[i][k] = g->bias[i][k];
    sum_windows(g, pixels);
    if (g->out == NULL) continue;
    for (int32_t k = 0; k < pixels; k++, g->out += g->out_step)
      for (int32_t i = 0; i < 2; i++)
        g->out[i] = mote_rescale_s8_dsp(g->sums[i][k], g->rescaling[i][0], g->rescaling[i][1],
                                        g->zero_point);
  }
}

static void compute_twos(pixel_groups* groups) {
  compute_pixels_by(groups, 2);
}

static void compute_threes(pixel_groups* groups) {
  compute_pixels_by(groups, 3);
}
#endif

/* So many pixels of the output, side by side or one below the other: the first window begins at
 * `row`, the others `step` elements behind, and their outputs lie `out_step` bytes apart. */
static void compute_pixels(const conv_dsp* c, channel_pair* pair, const int16_t* row, int32_t step,
                           int8_t* out, int32_t out_step, int32_t count) {
  pixel_groups* g = &pair->groups;
  g->row = row + pair->first / c->params->group_outputs * c->params->group_inputs;
  g->step = step;
  g->out_step = out_step;
  out += pair->first;
  for (int32_t left = count, pixels; left > 0; left -= pixels, out += pixels * out_step) {
    const int three = left == 3 || left > 4;
    const int quick = pair->quick && left > 1;
    g->count = !quick ? 1 : three ? left / 3 - (left % 3 == 1) : left / 2;
    g->out = quick ? out : NULL;
    pixels = left == 1 ? 1 : g->count * (three ? 3 : 2);
    if (three)
      compute_threes(g);
    else
      compute_twos(g);
    for (int32_t i = 0; !quick && i < pair->count; i++)
      mote_conv2d_put(c->params, &pair->rescaling[i], g->sums[i], pixels, out + i, out_step);
  }
}

static void widen_rows(const conv_dsp* c, int32_t image, int32_t begin, int32_t end) {
  const mote_conv2d_s8_dsp_params* p = c->params;
  const int32_t top = begin * p->stride_height - p->padding_top;
  const int32_t rows = mote_conv2d_dsp_rows(p, end - begin);
  for (int32_t r = 0; r < rows; r++)
    widen_row(c, image, top + r, c->rows + r * c->shape.row_elements);
}

static void compute_tile(const conv_dsp* c, const mote_weight_tile* tile, int32_t image,
                         int32_t begin, int32_t end) {
  const mote_conv2d_s8_dsp_params* p = c->params;
  const mote_operand* output = &c->operands[MOTE_INTEGER_OUTPUT];
  const int32_t row_step = p->stride_height * c->shape.row_elements;
  const int32_t step = p->stride_width * p->input_channels;
  const int32_t channels = p->output_channels;
  const int32_t lines = mote_conv2d_dsp_lines(p, output, step, row_step, end - begin);
  const int narrow = p->output_width == 1 && output->image_rows > 0;
  channel_pair pair;
  pair.groups.weights = c->weights;
  pair.groups.run_bytes = (c->shape.run + 3) / 4 * 16;
  pair.groups.offsets = c->offsets;
  pair.groups.offsets_end = c->offsets + c->shape.runs;
  pair.groups.zero_point = p->output_zero_point;
  for (pair.first = tile->begin; pair.first < tile->end; pair.first += pair.count) {
    const int32_t left = p->group_outputs - pair.first % p->group_outputs;
    pair.count = mote_min_s32(mote_min_s32(left, tile->end - pair.first), 2);
    set_channels(c, tile, &pair);
    if (narrow) {
      compute_pixels(c, &pair, c->rows, row_step, mote_row(output, image, begin),
                     output->row_stride_bytes, end - begin);
      continue;
    }
    for (int32_t y = begin; y < end; y += lines)
      compute_pixels(c, &pair, c->rows + (y - begin) * row_step, step, mote_row(output, image, y),
                     channels, lines * p->output_width);
  }
}

static void set_offsets(const conv_dsp* c) {
  const mote_conv2d_dsp_shape* s = &c->shape;
  int32_t* offset = c->offsets;
  for (int32_t ky = 0; ky < c->params->window_height; ky++)
    for (int32_t i = 0; i < s->runs_per_row; i++) *offset++ = ky * s->row_step + i * s->run_step;
}

MOTE_SHARED(mote_conv2d_s8_dsp)
void mote_conv2d_s8_dsp(const mote_conv2d_s8_dsp_params* p, const mote_operand* operands,
                        int32_t row_begin, int32_t row_end) {
  conv_dsp c;
  c.params = p;
  c.operands = operands;
  c.shape = mote_conv2d_dsp_shape_of(p);
  c.weights = operands[MOTE_INTEGER_SCRATCH].data;
  c.offsets = (int32_t*)(c.weights + mote_conv2d_dsp_pairs(&c.shape));
  c.rows = (int16_t*)(c.offsets + c.shape.runs);
  set_offsets(&c);
  mote_weight_tile tile;
  if (mote_conv2d_dsp_rows_first(p, operands[MOTE_WEIGHTS].weights, c.shape.row_elements,
                                 row_end - row_begin)) {
    for (int32_t image = 0; image < p->batch; image++)
      for (int32_t y = row_begin; y < row_end; y += p->rows) {
        const int32_t end = mote_min_s32(y + p->rows, row_end);
        widen_rows(&c, image, y, end);
        for (tile.end = 0; mote_next_tile(operands, MOTE_INTEGER_SCRATCH, &tile);)
          compute_tile(&c, &tile, image, y, end);
      }
    return;
  }
  for (tile.end = 0; mote_next_tile(operands, MOTE_INTEGER_SCRATCH, &tile);)
    for (int32_t image = 0; image < p->batch; image++)
      for (int32_t y = row_begin; y < row_end; y += p->rows) {
        const int32_t end = mote_min_s32(y + p->rows, row_end);
        widen_rows(&c, image, y, end);
        compute_tile(&c, &tile, image, y, end);
      }
}
