// A window that slides over images [N, H, W, C]: what convolutions and pools share of it.
// Tested by window_test.cc.
#pragma once

#include "ir/types.h"

namespace mote {

// The most that a window, a stride, a dilation or a padding is: sums of a few of them fit in int32.
constexpr int32_t kLargestWindow = 1 << 24;

// H and W of an activation; throws Error{invalid_input} where it is not of rank 4.
Size2D image_size(const Shape& shape);

// The number of positions along both dimensions, at least one each. Throws Error{invalid_input}
// that names the sizes where a stride or a dilation is below 1, a padding below 0, or the window
// does not fit, and Error{unsupported} beyond kLargestWindow.
Size2D window_positions(const Shape& input, Size2D window, Size2D stride, Size2D dilation,
                        const Padding& padding);

// The output of a pool. Also throws where a window could lie in the padding altogether: a pool of
// nothing has no value.
TensorType infer_pool(const TensorType& input, Size2D window, Size2D stride,
                      const Padding& padding);

}  // namespace mote
