// Seeded nodes of the weighted operators in odd shapes, for tests that hold one way of computing to
// another.
#pragma once

#include "tests/support/weighted_oracle.h"

namespace mote::testing {

inline int32_t between(Random& random, int32_t min, int32_t max) {
  return min + static_cast<int32_t>(random.below(static_cast<uint64_t>(max - min + 1)));
}

inline Activation any_activation(Random& random) {
  return static_cast<Activation>(random.below(4));
}

inline WeightedNode any_conv2d(Random& random) {
  ops::Conv2D conv{.stride = {between(random, 1, 3), between(random, 1, 3)},
                   .dilation = {between(random, 1, 2), between(random, 1, 2)},
                   .padding = {between(random, 0, 3), between(random, 0, 3), between(random, 0, 3),
                               between(random, 0, 3)},
                   .groups = between(random, 0, 2) == 0 ? between(random, 2, 4) : 1,
                   .activation = any_activation(random)};
  // Up to three blocks of channels, rows of all lengths of tails.
  const int32_t outputs = between(random, 1, conv.groups > 1 ? 20 : 50);
  const Shape weights = {conv.groups * outputs, between(random, 1, 4), between(random, 1, 4),
                         between(random, 1, 21)};
  const Shape input = {between(random, 1, 3), weights[1] * 2 + between(random, 1, 4),
                       weights[2] * 2 + between(random, 1, 24), weights[3] * conv.groups};
  return {conv, input, weights, 0, conv.activation};
}

inline WeightedNode any_depthwise_conv2d(Random& random, int32_t multiplier = 1) {
  const auto up_to = [&](int32_t max) { return between(random, 0, max); };
  const ops::DepthwiseConv2D conv{.stride = {1 + up_to(2), 1 + up_to(2)},
                                  .dilation = {1 + up_to(1), 1 + up_to(1)},
                                  .padding = {up_to(3), up_to(3), up_to(3), up_to(3)},
                                  .activation = any_activation(random)};
  const int32_t channels = 1 + up_to(40);
  const Shape weights = {1, 1 + up_to(4), 1 + up_to(4), channels * multiplier};
  const Shape input = {1 + up_to(2), weights[1] * 2 + up_to(5), weights[2] * 2 + up_to(9),
                       channels};
  return {conv, input, weights, 3, conv.activation};
}

inline WeightedNode any_transpose_conv(Random& random) {
  const Size2D window{between(random, 1, 4), between(random, 1, 4)};
  const Size2D stride{between(random, 1, 3), between(random, 1, 3)};
  const Size2D image{between(random, 2, 5), between(random, 2, 5)};
  // Of the whole output, at least a pixel stays.
  const auto cut = [&](int32_t size, int32_t step, int32_t kernel) {
    return between(random, 0, std::min(kernel - 1, ((size - 1) * step + kernel - 1) / 2));
  };
  const auto vertical = [&] { return cut(image.height, stride.height, window.height); };
  const auto horizontal = [&] { return cut(image.width, stride.width, window.width); };
  const ops::TransposeConv conv{.stride = stride,
                                .padding = {vertical(), vertical(), horizontal(), horizontal()},
                                .output_padding = {between(random, 0, stride.height - 1),
                                                   between(random, 0, stride.width - 1)},
                                .activation = any_activation(random)};
  const Shape weights = {between(random, 1, 12), window.height, window.width,
                         between(random, 1, 6)};
  const Shape input = {between(random, 1, 3), image.height, image.width, weights[3]};
  return {conv, input, weights, 0, conv.activation, false, true};
}

inline WeightedNode any_fully_connected(Random& random) {
  const ops::FullyConnected dense{.keep_dims = random.below(2) == 0,
                                  .activation = any_activation(random)};
  const Shape weights = {between(random, 1, 70), between(random, 1, 130)};
  const Shape input = dense.keep_dims ? Shape{between(random, 1, 3), between(random, 1, 4),
                                              between(random, 1, 20), weights[1]}
                                      : Shape{between(random, 1, 12), weights[1]};
  return {dense, input, weights, 0, dense.activation, true};
}

}  // namespace mote::testing
