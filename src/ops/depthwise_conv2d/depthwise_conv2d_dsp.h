/* The scratch of depthwise_conv2d_s8_dsp: read by the kernel and by the host, which reserves it. */
#ifndef MOTE_OPS_DEPTHWISE_CONV2D_DEPTHWISE_CONV2D_DSP_H
#define MOTE_OPS_DEPTHWISE_CONV2D_DEPTHWISE_CONV2D_DSP_H

#include "ops/depthwise_conv2d/depthwise_conv2d_kernels.h"

/* A pointer to each tap, the biases, and a pixel of the zero point. */
static inline int32_t mote_depthwise_conv2d_dsp_scratch_bytes(
    const mote_depthwise_conv2d_s8_params* p) {
  return p->window_height * p->window_width * (int32_t)sizeof(void*) +
         p->input_channels * p->depth_multiplier * (int32_t)sizeof(int32_t) + p->input_channels;
}

#endif
