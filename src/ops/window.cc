#include "ops/window.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace mote {
namespace {

std::string to_string(Size2D size) {
  return fmt::format("{}x{}", size.height, size.width);
}

[[noreturn]] void fail(bool too_large, std::string message) {
  if (too_large) message += fmt::format("; at most {} do", kLargestWindow);
  throw Error(too_large ? ErrorKind::unsupported : ErrorKind::invalid_input, message);
}

void check_range(Size2D size, std::string_view name) {
  const auto [least, most] = std::minmax(size.height, size.width);
  if (least < 1 || most > kLargestWindow)
    fail(least >= 1, fmt::format("{} {}", name, to_string(size)));
}

void check_range(const Padding& padding) {
  const auto [least, most] =
      std::minmax({padding.top, padding.bottom, padding.left, padding.right});
  if (least < 0 || most > kLargestWindow)
    fail(least >= 0, fmt::format("padding top {}, bottom {}, left {}, right {}", padding.top,
                                 padding.bottom, padding.left, padding.right));
}

}  // namespace

Size2D image_size(const Shape& shape) {
  if (shape.size() != 4)
    throw Error(ErrorKind::invalid_input,
                fmt::format("shape {} is not [N, H, W, C]", mote::to_string(shape)));
  return {shape[1], shape[2]};
}

Size2D window_positions(const Shape& input, Size2D window, Size2D stride, Size2D dilation,
                        const Padding& padding) {
  const Size2D image = image_size(input);
  check_range(window, "window");
  check_range(stride, "stride");
  check_range(dilation, "dilation");
  check_range(padding);
  const Size2D positions{window_count(image.height, window.height, stride.height, dilation.height,
                                      padding.top, padding.bottom),
                         window_count(image.width, window.width, stride.width, dilation.width,
                                      padding.left, padding.right)};
  if (positions.height < 1 || positions.width < 1)
    throw Error(
        ErrorKind::invalid_input,
        fmt::format("a window {} with dilation {} does not fit into {} with padding {}, {}, {}, {}",
                    to_string(window), to_string(dilation), mote::to_string(input), padding.top,
                    padding.bottom, padding.left, padding.right));
  return positions;
}

TensorType infer_pool(const TensorType& input, Size2D window, Size2D stride,
                      const Padding& padding) {
  const Size2D positions = window_positions(input.shape, window, stride, {1, 1}, padding);
  if (std::max(padding.top, padding.bottom) >= window.height ||
      std::max(padding.left, padding.right) >= window.width)
    throw Error(ErrorKind::invalid_input,
                fmt::format("padding {}, {}, {}, {} holds a whole window {}", padding.top,
                            padding.bottom, padding.left, padding.right, to_string(window)));
  const Shape& shape = input.shape;
  return {input.dtype, {shape[0], positions.height, positions.width, shape[3]}, {}};
}

}  // namespace mote
