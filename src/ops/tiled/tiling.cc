#include "ops/tiled/tiling.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <span>

#include "ops/kernel.h"
#include "runtime/arithmetic/requantize.h"

namespace mote {
namespace {

constexpr int64_t kStripBytes = int64_t{1} << 15;  // stays in the first cache
constexpr int64_t kMaxScratchBytes = int64_t{1} << 28;
constexpr int64_t kSlackBytes = 2 * 64;  // the kernel aligns it, and reads beyond its last element

int64_t round_up(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

template <class T>
std::vector<T> elements_of(const Constant& constant) {
  std::vector<T> elements(constant.data.size() / sizeof(T));
  if (!elements.empty())
    std::memcpy(elements.data(), constant.data.data(), elements.size() * sizeof(T));
  return elements;
}

// The geometry of a layer in tiles, and the order of its constants.
class Tiling {
 public:
  Tiling(const TiledLayer& layer, const TileFormat& format)
      : p_(layer.params), window_width_(layer.window_width), lanes_(format.lanes) {
    set_elements(layer.type, format);
    // A row of the window is one run of elements where nothing lies between its taps.
    const bool depthwise = p_.depth_multiplier > 0;
    const bool whole_rows = p_.dilation_width == 1 && p_.group_inputs == p_.input_channels;
    const int32_t width = window_width_;
    run_elements_ = depthwise ? width : p_.group_inputs * (whole_rows ? width : 1);
    runs_ = p_.window_height * (depthwise || whole_rows ? 1 : width);
    const auto steps = static_cast<int32_t>(round_up(run_elements_, step_) / step_);
    p_.taps = depthwise ? steps : (whole_rows ? 1 : width);
    p_.tap_pixels = p_.dilation_width * (depthwise ? step_ : 1);
    p_.steps = depthwise ? 1 : steps;
  }

  // How much of the padded input is there at once. False where one row of outputs needs too much.
  bool plan_strips(int32_t output_rows) {
    const bool depthwise = p_.depth_multiplier > 0;
    const int64_t reach = depthwise ? int64_t{p_.taps - 1} * p_.tap_pixels
                                    : int64_t{window_width_ - 1} * p_.dilation_width;
    const int64_t pixels = int64_t{p_.output_width - 1} * p_.stride_width + reach + 1;
    const int64_t elements = int64_t{p_.input_channels} * (depthwise ? p_.depth_multiplier : 1);
    const int64_t row_bytes = pixels * elements * (depthwise ? step_ : 1) * element_bytes_;
    // of one row before it is interleaved
    const int64_t single = (pixels + int64_t{step_ - 1} * p_.dilation_width) * elements;
    const int64_t single_bytes = depthwise ? single * element_bytes_ : 0;
    const auto bytes = [&](int32_t rows) {
      return mote_tiled_padded_rows(&p_, rows) * row_bytes + single_bytes + kSlackBytes;
    };
    if (row_bytes > kMaxScratchBytes || bytes(1) > kMaxScratchBytes) return false;
    p_.strip_rows = 1;
    while (p_.strip_rows < output_rows && bytes(p_.strip_rows + 1) <= kStripBytes) p_.strip_rows++;
    p_.padded_pixels = static_cast<int32_t>(pixels);
    p_.pixel_elements = static_cast<int32_t>(elements * (depthwise ? step_ : 1));
    scratch_bytes_ = static_cast<int32_t>(bytes(p_.strip_rows));
    return true;
  }

  const mote_tiled_params& params() const { return p_; }
  int32_t scratch_bytes() const { return scratch_bytes_; }

  int32_t element_bytes() const { return element_bytes_; }
  int64_t channel_weights() const { return int64_t{runs_} * run_elements_; }

  // Where weight `i` of a channel lies in the tensor, in the order of the runs: channels are first
  // there, or last.
  size_t weight_at(int32_t channel, int64_t i) const {
    return static_cast<size_t>(p_.depth_multiplier > 0 ? i * p_.output_channels + channel
                                                       : channel * channel_weights() + i);
  }

  // [O][run][element] becomes [block][run][step][channel][element of the step].
  template <class To, class From>
  std::vector<To> packed(const std::vector<From>& weights) const {
    const int64_t run = round_up(run_elements_, step_);
    const int64_t block_weights = runs_ * run * lanes_;
    std::vector<To> result(static_cast<size_t>(blocks() * block_weights));
    for (int32_t o = 0; o < p_.output_channels; o++) {
      const int64_t place = place_of(o);
      const int64_t block = place / lanes_ * block_weights;
      for (int64_t i = 0; i < channel_weights(); i++) {
        const int64_t element = i / run_elements_ * run + i % run_elements_;
        const int64_t step = element / step_ * lanes_ + place % lanes_;
        result[static_cast<size_t>(block + step * step_ + element % step_)] =
            static_cast<To>(weights[weight_at(o, i)]);
      }
    }
    return result;
  }

  // By channel, with zeros for those that fill up the last block of each group.
  template <class T>
  std::vector<T> blocked(const std::vector<T>& values) const {
    std::vector<T> places(static_cast<size_t>(blocks() * lanes_));
    for (int32_t o = 0; o < p_.output_channels; o++)
      places[static_cast<size_t>(place_of(o))] = values[static_cast<size_t>(o)];
    return places;
  }

 private:
  void set_elements(TileType type, const TileFormat& format) {
    switch (type) {
      case TileType::s8:
        step_ = format.step_s8;
        element_bytes_ = format.offset_s8 == 0 ? 2 : 1;
        return;
      case TileType::s16:
      case TileType::f32s8:
        step_ = MOTE_STEP_S16;
        element_bytes_ = 2;
        return;
      case TileType::f32:
        step_ = 1;
        element_bytes_ = 4;
        return;
    }
  }

  int64_t group_lanes() const { return round_up(p_.group_outputs, lanes_); }
  int64_t blocks() const { return p_.output_channels / p_.group_outputs * group_lanes() / lanes_; }
  int64_t place_of(int32_t channel) const {
    return channel / p_.group_outputs * group_lanes() + channel % p_.group_outputs;
  }

  mote_tiled_params p_;
  int32_t window_width_;
  int32_t lanes_;
  int32_t step_ = 0;
  int32_t element_bytes_ = 0;
  int32_t run_elements_ = 0;
  int32_t runs_ = 0;
  int32_t scratch_bytes_ = 0;
};

// A call of the reference kernel and its constants.
struct TiledCall {
  Call& call;
  std::vector<Constant>& constants;

  Constant& operand(size_t which) const {
    return constants.at(static_cast<size_t>(call.operands.at(which).index));
  }
  bool has_bias() const { return call.operands[MOTE_BIAS].space != Space::none; }

  // An empty one where there is none.
  void add_bias(DType dtype) const {
    if (has_bias()) return;
    const auto index = static_cast<int32_t>(constants.size());
    constants.push_back({call.origin + "_bias", {dtype, {0}, {}}, MOTE_STORAGE_DENSE8, {}});
    call.operands[MOTE_BIAS] = {Space::constant, index, 0, 0, 0, {}};
  }

  template <class T>
  void replace(size_t which, DType dtype, const std::vector<T>& elements) const {
    Constant& constant = operand(which);
    constant.type = {dtype, {static_cast<int32_t>(elements.size())}, {}};
    constant.data = to_bytes(std::span<const T>(elements));
    call.operands[which].type = constant.type;
    if (which == MOTE_WEIGHTS) constant.storage = MOTE_STORAGE_TILES;
  }
};

// ---- integers

// The constants of the reference kernel; biases of all widths, 0 where there are none.
class Rescaled {
 public:
  Rescaled(const TiledLayer& layer, const TileFormat& format, const Tiling& tiling,
           const TiledCall& call)
      : p_(layer.params),
        int16_(layer.type == TileType::s16),
        format_(format),
        tiling_(tiling),
        weights_(elements_of<int8_t>(call.operand(MOTE_WEIGHTS))),
        bias_(static_cast<size_t>(p_.output_channels)),
        multiplier_(elements_of<int32_t>(call.operand(MOTE_INTEGER_MULTIPLIER))),
        shift_(elements_of<int8_t>(call.operand(MOTE_INTEGER_SHIFT))) {
    if (!call.has_bias()) return;
    const Constant& bias = call.operand(MOTE_BIAS);
    if (bias.type.dtype == DType::int64) {
      bias_ = elements_of<int64_t>(bias);
    } else {
      const std::vector<int32_t> narrow = elements_of<int32_t>(bias);
      bias_.assign(narrow.begin(), narrow.end());
    }
  }

  // What mote_rescale asks for; sums of 64 bits have been proven by the reference's `lower`.
  bool sums_fit() const {
    if (p_.wide) return true;
    const int64_t largest = int16_ ? 32768
                                   : std::max(127 - p_.input_zero_point,  //
                                              p_.input_zero_point + 128);
    for (int32_t o = 0; o < p_.output_channels; o++) {
      int64_t bound = std::abs(bias_[static_cast<size_t>(o)]);
      for (int64_t i = 0; i < tiling_.channel_weights(); i++)
        bound += largest * std::abs(weight(o, i));
      const int32_t shift = shift_[static_cast<size_t>(o)];
      const int64_t half = shift < 0 ? int64_t{1} << (-shift - 1) : 0;
      const int64_t raised = bound << std::max(shift, 0);
      if (raised > INT32_MAX) return false;  // the reference's bound may be closer
      const int64_t high = raised * multiplier_[static_cast<size_t>(o)] >> 31;
      if (high + 1 + half >= int64_t{1} << 31) return false;
    }
    return true;
  }

  void pack(const TiledCall& call) const {
    if (tiling_.element_bytes() == 1)
      call.replace(MOTE_WEIGHTS, DType::int8, tiling_.packed<int8_t>(weights_));
    else
      call.replace(MOTE_WEIGHTS, DType::int16, tiling_.packed<int16_t>(weights_));
    call.add_bias(DType::int32);
    if (p_.wide)
      call.replace(MOTE_BIAS, DType::int64, wide_bias());
    else
      call.replace(MOTE_BIAS, DType::int32, tiling_.blocked(bias()));
    std::vector<int32_t> multiplier = multiplier_;
    std::vector<int8_t> shift = shift_;
    if (p_.wide) {
      for (int32_t& m : multiplier) m = mote_reduce_multiplier(m);
      for (int8_t& s : shift) s = static_cast<int8_t>(15 - s);
    }
    call.replace(MOTE_INTEGER_MULTIPLIER, DType::int32, tiling_.blocked(multiplier));
    call.replace(MOTE_INTEGER_SHIFT, DType::int8, tiling_.blocked(shift));
  }

 private:
  int64_t weight(int32_t channel, int64_t i) const {
    return weights_[tiling_.weight_at(channel, i)];
  }

  // The kernel adds up weight * (input + offset): what is too much in that goes into the bias,
  // modulo 2^32 like the sums.
  std::vector<int32_t> bias() const {
    const int32_t offset = int16_ ? 0 : format_.offset_s8;
    const int64_t surplus = offset == 0 ? 0 : offset + p_.input_zero_point;
    std::vector<int32_t> result;
    for (int32_t o = 0; o < p_.output_channels; o++) {
      int64_t sum = 0;
      for (int64_t i = 0; i < tiling_.channel_weights(); i++) sum += weight(o, i);
      result.push_back(static_cast<int32_t>(bias_[static_cast<size_t>(o)] - surplus * sum));
    }
    return result;
  }

  // Scaled as the sums will be; in each block the even channels before the odd ones.
  std::vector<int64_t> wide_bias() const {
    std::vector<int64_t> scaled;
    for (size_t o = 0; o < bias_.size(); o++)
      scaled.push_back(mote_scale_s64(bias_[o], multiplier_[o], shift_[o]));
    const std::vector<int64_t> places = tiling_.blocked(scaled);
    std::vector<int64_t> split(places.size());
    const auto lanes = static_cast<size_t>(format_.lanes);
    for (size_t i = 0; i < places.size(); i++) {
      const size_t lane = i % lanes;
      split[i - lane + lane % 2 * (lanes / 2) + lane / 2] = places[i];
    }
    return split;
  }

  const mote_tiled_params& p_;
  bool int16_;
  const TileFormat& format_;
  const Tiling& tiling_;
  std::vector<int8_t> weights_;
  std::vector<int64_t> bias_;
  std::vector<int32_t> multiplier_;
  std::vector<int8_t> shift_;
};

// ---- float32

// Channels without a bias get 0: a sum that begins at 0 is never -0, so adding it changes nothing.
void pack_real_bias(const Tiling& tiling, const TiledCall& call) {
  std::vector<float> bias(static_cast<size_t>(tiling.params().output_channels));
  if (call.has_bias()) bias = elements_of<float>(call.operand(MOTE_BIAS));
  call.add_bias(DType::float32);
  call.replace(MOTE_BIAS, DType::float32, tiling.blocked(bias));
}

bool pack_real(const Tiling& tiling, const TiledCall& call) {
  const std::vector<float> weights = elements_of<float>(call.operand(MOTE_WEIGHTS));
  const auto finite = [](float weight) { return std::isfinite(weight); };
  if (!std::ranges::all_of(weights, finite)) return false;
  call.replace(MOTE_WEIGHTS, DType::float32, tiling.packed<float>(weights));
  pack_real_bias(tiling, call);
  return true;
}

bool pack_dynamic(const Tiling& tiling, const TiledCall& call) {
  const std::vector<int8_t> weights = elements_of<int8_t>(call.operand(MOTE_WEIGHTS));
  const std::vector<float> scale = elements_of<float>(call.operand(MOTE_F32S8_WEIGHT_SCALE));
  call.replace(MOTE_WEIGHTS, DType::int16, tiling.packed<int16_t>(weights));
  call.replace(MOTE_F32S8_WEIGHT_SCALE, DType::float32, tiling.blocked(scale));
  pack_real_bias(tiling, call);
  return true;
}

bool pack_integer(const TiledLayer& layer, const TileFormat& format, const Tiling& tiling,
                  const TiledCall& call) {
  const Rescaled constants(layer, format, tiling, call);
  if (!constants.sums_fit()) return false;
  constants.pack(call);
  return true;
}

bool pack(const TiledLayer& layer, const TileFormat& format, const Tiling& tiling,
          const TiledCall& call) {
  switch (layer.type) {
    case TileType::s8:
    case TileType::s16:
      return pack_integer(layer, format, tiling, call);
    case TileType::f32:
      return pack_real(tiling, call);
    case TileType::f32s8:
      return pack_dynamic(tiling, call);
  }
  return false;
}

}  // namespace

bool tile(const TiledLayer& layer, const TileFormat& format, Call& call,
          std::vector<Constant>& constants) {
  Tiling tiling(layer, format);
  if (!tiling.plan_strips(call.operands.back().image_rows)) return false;  // rows of the output
  if (!pack(layer, format, tiling, {call, constants})) return false;
  call.params = make_params(tiling.params());
  call.scratch_bytes = tiling.scratch_bytes();
  return true;
}

}  // namespace mote
