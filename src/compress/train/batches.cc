#include "compress/train/batches.h"

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

// `rows`: of W * C pixels. A source position outside the image reads 0.
template <class T>
void fill_image(const T* pixels, const Shape& shape, const Sample& sample, const Affine& affine,
                float* out) {
  const int32_t height = shape[1], width = shape[2], channels = shape[3];
  for (int32_t y = 0; y < height; y++) {
    const int32_t from_y = y - sample.down;
    const bool row_inside = from_y >= 0 && from_y < height;
    for (int32_t x = 0; x < width; x++) {
      const int32_t shifted = x - sample.right;
      const int32_t from_x = sample.mirrored ? width - 1 - shifted : shifted;
      const bool inside = row_inside && from_x >= 0 && from_x < width && !covers(sample.hole, y, x);
      const T* pixel = pixels + (static_cast<int64_t>(from_y) * width + from_x) * channels;
      for (int32_t c = 0; c < channels; c++) {
        const float value = inside ? static_cast<float>(pixel[c]) : 0.0f;
        *out++ = affine.scale[static_cast<size_t>(c)] * value + affine.bias[static_cast<size_t>(c)];
      }
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
  for (Sample& sample : samples) {
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
