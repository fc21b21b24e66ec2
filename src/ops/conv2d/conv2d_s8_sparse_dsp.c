/* conv2d_s8 by pairs of int16 (SMLAD) of which those of weights that are both 0 cost nothing: one
 * output channel by four pixels at a time. Per step of rows and tile of weights, rows are widened
 * once, zero points around them; per channel, the pairs that are kept are listed with where they
 * meet the rows; and what the zero point adds to a sum is taken off the bias. Gives the bits of
 * conv2d_s8, whatever the sums on the way: they are exact modulo 2^32. Tested by
 * tests/differential/rows_test.cc. */
#include "ops/conv2d/conv2d_dsp.h"
#include "ops/conv2d/conv2d_put_dsp.h"
#include "runtime/pairs.h"
#include "runtime/weights.h"

/* What stays the same for all rows of a call. */
typedef struct sparse_dsp {
  const mote_conv2d_s8_dsp_params* params;
  const mote_operand* operands;
  mote_conv2d_planes_shape shape;
  mote_conv2d_kept* kept; /* of a channel */
  int16_t* rows;          /* widened ones */
} sparse_dsp;

/* Groups of two or four neighbouring pixels. In this order the assembly reads and writes it. */
typedef struct channel_groups {
  const mote_conv2d_kept* kept; /* an even number */
  const mote_conv2d_kept* end;
  const int16_t* row; /* where the next window begins */
  int32_t bias[4];    /* of each pixel */
  int8_t* out;        /* NULL: one group, whose sums are asked for */
  int32_t out_step;   /* from a pixel to the next, in bytes */
  int32_t zero_point;
  int32_t high; /* of the rescaling */
  int32_t scale;
  int32_t count;
  int32_t sums[4];
} channel_groups;

/* A channel, what is kept of it in the scratch. */
typedef struct sparse_channel {
  mote_dsp_rescaling rescaling;
  int quick; /* whether the pixels can be computed with their outputs */
  channel_groups groups;
} sparse_channel;

/* How many columns of a plane lie before column `x` of the padded input. */
static int32_t columns_before(const sparse_dsp* c, int32_t plane, int32_t x) {
  const int32_t stride = c->params->stride_width;
  const int32_t columns = x <= plane ? 0 : (x - plane + stride - 1) / stride;
  return mote_min_s32(columns, c->shape.row / 2);
}

/* Two neighbouring channels, of which there may be only one. */
static mote_pair widen_two(const int8_t* from, int32_t channels) {
  return mote_make_pair(from[0], channels > 1 ? from[1] : 0);
}

/* So many pixels, one `step` behind the other, of all channels, each pair into its plane. */
static void widen_pixels(const sparse_dsp* c, const int8_t* from, int32_t step, int32_t pixels,
                         mote_pair* to) {
  const int32_t plane = c->shape.pair / 2;
  int32_t left = c->params->input_channels;
  for (; left >= 4; left -= 4, from += 4, to += 2 * plane) {
    const int8_t* at = from;
    mote_pair* first = to;
    mote_pair* second = to + plane;
    for (const mote_pair* end = first + pixels; first != end; at += step) {
      mote_pair pairs[2];
      mote_widen_four(at, pairs);
      *first++ = pairs[0];
      *second++ = pairs[1];
    }
  }
  for (; left > 0; left -= 2, from += 2, to += plane)
    for (int32_t i = 0; i < pixels; i++) to[i] = widen_two(from + i * step, left);
}

static void fill_planes(const sparse_dsp* c, mote_pair* to, int32_t pixels) {
  const int32_t zero_point = c->params->input_zero_point;
  const mote_pair zeros = mote_make_pair(zero_point, zero_point);
  for (int32_t pair = 0; pair < c->shape.pairs; pair++, to += c->shape.pair / 2)
    for (int32_t i = 0; i < pixels; i++) to[i] = zeros;
}

/* Row `y` of the input, which may lie in the padding, at `row` of each plane. */
static void widen_row(const sparse_dsp* c, int32_t image, int32_t y, int16_t* row) {
  const mote_conv2d_s8_dsp_params* p = c->params;
  const int outside = y < 0 || y >= p->input_height;
  const int32_t columns = c->shape.row / 2;
  for (int32_t plane = 0; plane < c->shape.planes; plane++, row += c->shape.plane) {
    mote_pair* to = (mote_pair*)row;
    const int32_t left = outside ? columns : columns_before(c, plane, p->padding_left);
    fill_planes(c, to, left);
    if (outside) continue;
    const int32_t right = columns_before(c, plane, p->padding_left + p->input_width);
    fill_planes(c, to + right, columns - right);
    if (left >= right) continue;
    const int32_t x = plane + left * p->stride_width - p->padding_left;
    const int8_t* input = mote_const_row(&c->operands[MOTE_INPUT], image, y);
    widen_pixels(c, input + x * p->input_channels, p->stride_width * p->input_channels,
                 right - left, to + left);
  }
}

/* Gives the entry behind it, where there is one. */
static MOTE_INLINED mote_conv2d_kept* keep(mote_conv2d_kept* to, mote_pair weights,
                                           int32_t offset_bytes) {
  to->offset_bytes = offset_bytes; /* there is room for all */
  to->weights = weights;
  return weights != 0 ? to + 1 : to;
}

/* What is kept of the weights under one pixel of a window. */
static MOTE_INLINED mote_conv2d_kept* list_pixel(const int8_t* weights, int32_t channels,
                                                 int32_t offset, int32_t step, mote_conv2d_kept* to,
                                                 int32_t* sum) {
  const mote_pair ones = mote_make_pair(1, 1);
  for (; channels >= 4; channels -= 4, weights += 4, offset += 2 * step) {
    mote_pair pairs[2];
    if (mote_four_are_zero(weights)) continue;
    mote_widen_four(weights, pairs);
    *sum = mote_add_products(pairs[0], ones, mote_add_products(pairs[1], ones, *sum));
    to = keep(to, pairs[0], offset);
    to = keep(to, pairs[1], offset + step);
  }
  for (; channels > 0; channels -= 2, weights += 2, offset += step) {
    const mote_pair two = widen_two(weights, channels);
    *sum = mote_add_products(two, ones, *sum);
    to = keep(to, two, offset);
  }
  return to;
}

static void set_channel(const sparse_dsp* c, const mote_weight_tile* tile, int32_t o,
                        sparse_channel* channel) {
  const mote_conv2d_s8_dsp_params* p = c->params;
  const mote_conv2d_planes_shape* s = &c->shape;
  const int32_t* bias = c->operands[MOTE_BIAS].constant;
  const int32_t* multiplier = c->operands[MOTE_INTEGER_MULTIPLIER].constant;
  const int8_t* shift = c->operands[MOTE_INTEGER_SHIFT].constant;
  const int32_t channel_weights = p->window_height * p->window_width * p->group_inputs;
  const int8_t* weights = (const int8_t*)tile->data + (o - tile->begin) * channel_weights;
  const int32_t first = o / p->group_outputs * (p->group_inputs / 2) * s->pair;
  mote_conv2d_kept* to = c->kept;
  int32_t sum = 0;
  for (int32_t ky = 0; ky < p->window_height; ky++)
    for (int32_t kx = 0; kx < p->window_width; kx++, weights += p->group_inputs) {
      const int32_t x = kx * p->dilation_width;
      const int32_t at = first + ky * p->dilation_height * s->row + x % p->stride_width * s->plane +
                         x / p->stride_width * 2;
      to = list_pixel(weights, p->group_inputs, 2 * at, 2 * s->pair, to, &sum);
    }
  if ((to - c->kept) % 2 != 0) {
    to->offset_bytes = 0;
    to->weights = 0;
    to++;
  }
  const uint32_t shifted = (uint32_t)sum * (uint32_t)p->input_zero_point;
  const int32_t start = (int32_t)((uint32_t)(bias ? bias[o] : 0) - shifted);
  for (int32_t k = 0; k < 4; k++) channel->groups.bias[k] = start;
  channel->groups.end = to;
  channel->rescaling = mote_dsp_rescaling_of(multiplier[o], shift[o]);
  channel->groups.high = channel->rescaling.high;
  channel->groups.scale = channel->rescaling.scale;
  channel->quick =
      mote_dsp_only_saturates(&channel->rescaling, p->activation_min, p->activation_max);
}

/* In assembly for what GCC 12 makes of fourteen registers. */
#if MOTE_HAS_PAIRS
#define MOTE_IN_REGISTER __attribute__((unused))
#define MOTE_SUM(sum, pixel, weights) " smlad " sum ", " pixel ", " weights ", " sum "\n"
#define MOTE_TWO_PIXELS(row, weights)                                           \
  " add " row ", r3\n ldmia " row ", {r0, r12}\n" MOTE_SUM("r4", "r0", weights) \
      MOTE_SUM("r5", "r12", weights)
#define MOTE_FOUR_PIXELS(row, weights)                                                  \
  " add " row ", r3\n ldmia " row ", {r0, r8, r12, lr}\n" MOTE_SUM("r4", "r0", weights) \
      MOTE_SUM("r5", "r8", weights) MOTE_SUM("r6", "r12", weights) MOTE_SUM("r7", "lr", weights)
#define MOTE_PUT(sum, at) MOTE_RESCALED(sum, "r3", "r8", "r2") " strb " sum ", " at "\n"
#define MOTE_COMPUTE_PIXELS(name, PIXELS, PUTS, BYTES)                                         \
  static __attribute__((naked, noinline)) void name(channel_groups* groups MOTE_IN_REGISTER) { \
    __asm__ volatile(                                                                          \
        " push {r0, r4-r11, lr}\n"                                                             \
        "1: ldr r0, [sp]\n"                                                                    \
        " ldmia r0!, {r1-r3}\n"                                                                \
        " ldmia r0, {r4-r7}\n"                                                                 \
        " cmp r1, r2\n"                                                                        \
        " beq 3f\n"                                                                            \
        "2: ldmia r1!, {r8-r11}\n" PIXELS                                                      \
        " cmp r1, r2\n"                                                                        \
        " bne 2b\n"                                                                            \
        "3: ldr lr, [sp]\n"                                                                    \
        " add lr, #28\n"                                                                       \
        " ldmia lr, {r0-r3, r8}\n"                                                             \
        " cmp r0, #0\n"                                                                        \
        " beq 4f\n" PUTS                                                                       \
        " str r0, [lr]\n"                                                                      \
        " b 5f\n"                                                                              \
        "4: add r0, lr, #24\n"                                                                 \
        " stmia r0, {r4-r7}\n"                                                                 \
        "5: ldr r2, [lr, #-20]\n"                                                              \
        " add r2, #" BYTES                                                                     \
        "\n"                                                                                   \
        " str r2, [lr, #-20]\n"                                                                \
        " ldr r3, [lr, #20]\n"                                                                 \
        " subs r3, #1\n"                                                                       \
        " str r3, [lr, #20]\n"                                                                 \
        " bne 1b\n"                                                                            \
        " pop {r0, r4-r11, pc}" ::                                                             \
            : "memory");                                                                       \
  }

MOTE_COMPUTE_PIXELS(compute_twos, MOTE_TWO_PIXELS("r8", "r9") MOTE_TWO_PIXELS("r10", "r11"),
                    MOTE_PUT("r4", "[r0]") MOTE_PUT("r5", "[r0, r1]") " add r0, r0, r1, lsl #1\n",
                    "8")
MOTE_COMPUTE_PIXELS(compute_fours, MOTE_FOUR_PIXELS("r8", "r9") MOTE_FOUR_PIXELS("r10", "r11"),
                    MOTE_PUT("r4", "[r0]") MOTE_PUT("r5", "[r0, r1]")
                        MOTE_PUT("r6", "[r0, r1, lsl #1]") " add r0, r0, r1, lsl #1\n" MOTE_PUT(
                            "r7", "[r0, r1]") " add r0, r0, r1, lsl #1\n",
                    "16")
#else
static void sum_kept(channel_groups* g, int32_t pixels) {
  for (const mote_conv2d_kept* kept = g->kept; kept != g->end; kept++) {
    const int16_t* at = g->row + kept->offset_bytes / 2;
    for (int32_t k = 0; k < pixels; k++)
      g->sums[k] = mote_add_products(kept->weights, mote_load_pair(at + 2 * k), g->sums[k]);
  }
}

static void compute_pixels_by(channel_groups* g, int32_t pixels) {
  for (; g->count > 0; g->count--, g->row += 2 * pixels) {
    for (int32_t k = 0; k < pixels; k++) g->sums[k] = g->bias[k];
    sum_kept(g, pixels);
    if (g->out == NULL) continue;
    for (int32_t k = 0; k < pixels; k++, g->out += g->out_step)
      *g->out = mote_rescale_s8_dsp(g->sums[k], g->high, g->scale, g->zero_point);
  }
}

static void compute_twos(channel_groups* groups) {
  compute_pixels_by(groups, 2);
}

static void compute_fours(channel_groups* groups) {
  compute_pixels_by(groups, 4);
}
#endif

/* So many neighbouring pixels of the output; the first window begins at `row`. An odd number is
 * made even by computing a pixel twice. */
static void compute_pixels(const sparse_dsp* c, sparse_channel* channel, const int16_t* row,
                           int8_t* out, int32_t width) {
  const mote_conv2d_s8_dsp_params* p = c->params;
  const int32_t step = p->output_channels;
  channel_groups* g = &channel->groups;
  for (int32_t left = width, pixels; left > 0; left -= pixels) {
    if (left % 2 == 1 && left < 4 && left < width) left++;
    const int quick = channel->quick && left > 1;
    g->row = row + 2 * (width - left);
    g->out = quick ? out + step * (width - left) : NULL;
    g->count = quick && left > 4 ? left / 4 : 1;
    pixels = left >= 4 ? g->count * 4 : mote_min_s32(left, 2);
    if (pixels >= 4)
      compute_fours(g);
    else
      compute_twos(g);
    if (quick) continue;
    mote_conv2d_put(p, &channel->rescaling, g->sums, pixels, out + step * (width - left), step);
  }
}

static void widen_rows(const sparse_dsp* c, int32_t image, int32_t begin, int32_t end) {
  const mote_conv2d_s8_dsp_params* p = c->params;
  const int32_t top = begin * p->stride_height - p->padding_top;
  const int32_t rows = mote_conv2d_dsp_rows(p, end - begin);
  for (int32_t r = 0; r < rows; r++) widen_row(c, image, top + r, c->rows + r * c->shape.row);
}

static void compute_tile(const sparse_dsp* c, const mote_weight_tile* tile, int32_t image,
                         int32_t begin, int32_t end) {
  const mote_conv2d_s8_dsp_params* p = c->params;
  const mote_operand* output = &c->operands[MOTE_INTEGER_OUTPUT];
  const int32_t step = p->stride_height * c->shape.row;
  const int32_t lines = mote_conv2d_dsp_lines(p, output, 2, step, end - begin);
  sparse_channel channel;
  channel.groups.kept = c->kept;
  channel.groups.out_step = p->output_channels;
  channel.groups.zero_point = p->output_zero_point;
  for (int32_t o = tile->begin; o < tile->end; o++) {
    set_channel(c, tile, o, &channel);
    for (int32_t y = begin; y < end; y += lines)
      compute_pixels(c, &channel, c->rows + (y - begin) * step,
                     (int8_t*)mote_row(output, image, y) + o, lines * p->output_width);
  }
}

MOTE_SHARED(mote_conv2d_s8_sparse_dsp)
void mote_conv2d_s8_sparse_dsp(const mote_conv2d_s8_dsp_params* p, const mote_operand* operands,
                               int32_t row_begin, int32_t row_end) {
  sparse_dsp c;
  c.params = p;
  c.operands = operands;
  c.shape = mote_conv2d_planes_shape_of(p);
  c.kept = operands[MOTE_INTEGER_SCRATCH].data;
  c.rows = (int16_t*)(c.kept + c.shape.most);
  mote_weight_tile tile;
  if (mote_conv2d_dsp_rows_first(p, operands[MOTE_WEIGHTS].weights,
                                 c.shape.pairs * c.shape.planes * c.shape.row,
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
