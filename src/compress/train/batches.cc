#include "compress/train/batches.h"

#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "base/error.h"
#include "base/random.h"

namespace mote::compress {
namespace {

struct Affine {
  std::vector<float> scale;  // per channel
  std::vector<float> bias;
};

Affine per_channel(const Preprocessing& preprocessing, int32_t channels) {
  const auto spread = [&](const std::vector<float>& v) {
    return v.size() == 1 ? std::vector<float>(static_cast<size_t>(channels), v[0]) : v;
  };
  return {spread(preprocessing.scale), spread(preprocessing.bias)};
}

bool covers(const Hole& hole, int32_t y, int32_t x) {
  return y >= hole.top && y < hole.top + hole.side && x >= hole.left && x < hole.left + hole.side;
}

// An image as a sample sees it: outside of it is 0.
template <class T>
struct Source {
  const T* pixels;
  int32_t height, width, channels;
  bool mirrored;

  float at(int32_t y, int32_t x, int32_t c) const {
    if (y < 0 || y >= height || x < 0 || x >= width) return 0.0f;
    const int32_t column = mirrored ? width - 1 - x : x;
    return static_cast<float>(pixels[(static_cast<int64_t>(y) * width + column) * channels + c]);
  }

  // Of the four pixels around a place, each by how near it is.
  float between(float y, float x, int32_t c) const {
    const float top = std::floor(y), left = std::floor(x);
    const float down = y - top, right = x - left;
    const auto row = static_cast<int32_t>(top), column = static_cast<int32_t>(left);
    const float upper = (1 - right) * at(row, column, c) + right * at(row, column + 1, c);
    const float lower = (1 - right) * at(row + 1, column, c) + right * at(row + 1, column + 1, c);
    return (1 - down) * upper + down * lower;
  }

  float warped(int32_t y, int32_t x, int32_t c, const Warp& warp) const {
    const float middle_y = 0.5f * static_cast<float>(height - 1);
    const float middle_x = 0.5f * static_cast<float>(width - 1);
    const float dy = static_cast<float>(y) - middle_y, dx = static_cast<float>(x) - middle_x;
    return between(middle_y + warp.yy * dy + warp.yx * dx, middle_x + warp.xy * dy + warp.xx * dx,
                   c);
  }
};

template <class T>
void fill_image(const T* pixels, const Shape& shape, const Sample& sample, const Affine& affine,
                float* out) {
  const Source<T> source{pixels, shape[1], shape[2], shape[3], sample.mirrored};
  const bool warped = sample.warp != Warp{};
  for (int32_t y = 0; y < source.height; y++)
    for (int32_t x = 0; x < source.width; x++) {
      const int32_t from_y = y - sample.down, from_x = x - sample.right;
      const bool cut = covers(sample.hole, y, x);
      for (int32_t c = 0; c < source.channels; c++) {
        const float value = cut      ? 0.0f
                            : warped ? source.warped(from_y, from_x, c, sample.warp)
                                     : source.at(from_y, from_x, c);
        *out++ = affine.scale[static_cast<size_t>(c)] * value + affine.bias[static_cast<size_t>(c)];
      }
    }
}

template <class T>
void fill(const Array& images, std::span<const Sample> samples, const Affine& affine, float* out) {
  const int64_t each = element_count(images.shape) / images.shape[0];
  const T* pixels = reinterpret_cast<const T*>(images.data.data());
  for (const Sample& sample : samples) {
    fill_image(pixels + sample.image * each, images.shape, sample, affine, out);
    out += each;
  }
}

}  // namespace

std::vector<Sample> epoch_samples(const Shape& images, const TrainOptions& options, int32_t epoch) {
  Random random(options.seed, fmt::format("epoch {}", epoch));
  std::vector<Sample> samples = plain_samples(0, images[0]);
  random.shuffle(std::span(samples));
  const auto shift = [&] {
    const auto choices = static_cast<uint64_t>(2 * options.crop + 1);
    return static_cast<int8_t>(static_cast<int32_t>(random.below(choices)) - options.crop);
  };
  // The hole's middle is anywhere in the image.
  const auto hole_begin = [&](int32_t size) {
    const auto middle = static_cast<int32_t>(random.below(static_cast<uint64_t>(size)));
    return static_cast<int16_t>(middle - options.cutout / 2);
  };
  // A turn, then a slant, then stretches of each direction.
  const auto warp = [&] {
    constexpr double kTurn = 0.26, kSlant = 0.15, kStretch = 0.15;  // radians; shares
    const double turn = random.uniform(-kTurn, kTurn), slant = random.uniform(-kSlant, kSlant);
    const double high = random.uniform(1 - kStretch, 1 + kStretch);
    const double wide = random.uniform(1 - kStretch, 1 + kStretch);
    // Of a half-angle's tangent, without libm, whose last bits differ.
    const double t = turn / 2, cosine = (1 - t * t) / (1 + t * t), sine = 2 * t / (1 + t * t);
    return Warp{
        static_cast<float>(cosine * high), static_cast<float>((cosine * slant + sine) * wide),
        static_cast<float>(-sine * high), static_cast<float>((cosine - sine * slant) * wide)};
  };
  for (Sample& sample : samples) {
    if (options.affine > 0 && random.unit() < static_cast<double>(options.affine))
      sample.warp = warp();
    if (options.crop > 0) {
      sample.down = shift();
      sample.right = shift();
    }
    if (options.flip) sample.mirrored = random.below(2) == 1;
    if (options.cutout > 0)
      sample.hole = {hole_begin(images[1]), hole_begin(images[2]),
                     static_cast<int16_t>(options.cutout)};
  }
  return samples;
}

std::vector<Sample> plain_samples(int32_t begin, int32_t end) {
  std::vector<Sample> samples(static_cast<size_t>(end - begin));
  for (size_t i = 0; i < samples.size(); i++) samples[i].image = begin + static_cast<int32_t>(i);
  return samples;
}

const Shape& image_shape(const Graph& graph) {
  const Shape& shape = graph.value(graph.inputs.at(0)).type.shape;
  if (shape.size() == 4) return shape;
  throw Error(ErrorKind::usage, fmt::format("the network takes {}, not images", to_string(shape)),
              graph.name);
}

Preprocessing preprocessing_of(const Graph& graph) {
  return graph.preprocessing.empty() ? Preprocessing{} : graph.preprocessing[0];
}

void fill_inputs(const datasets::Split& split, std::span<const Sample> samples,
                 const Preprocessing& preprocessing, std::vector<float>& inputs) {
  const Array& images = split.images;
  const Affine affine = per_channel(preprocessing, images.shape[3]);
  const int64_t each = element_count(images.shape) / images.shape[0];
  inputs.resize(samples.size() * static_cast<size_t>(each));
  if (images.dtype == DType::uint8) {
    fill<uint8_t>(images, samples, affine, inputs.data());
  } else {
    fill<float>(images, samples, affine, inputs.data());
  }
}

void fill_labels(const datasets::Split& split, std::span<const Sample> samples,
                 std::vector<int32_t>& labels) {
  labels.clear();
  for (const Sample& sample : samples)
    labels.push_back(split.labels[static_cast<size_t>(sample.image)]);
}

}  // namespace mote::compress
