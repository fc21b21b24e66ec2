#include "autograd/fake_quantize.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "runtime/arithmetic/fake_quantize.h"

namespace mote::autograd {
namespace {

using torch::Tensor;

// What differs by channel.
struct Ends {
  float scale, inverse, least, most;  // `least`, `most`: of x / scale
};

Ends ends_of(const Steps& steps, float scale) {
  return {scale, 1.0f / scale, static_cast<float>(steps.range.min - steps.zero_point),
          static_cast<float>(steps.range.max - steps.zero_point)};
}

// Calls visit(begin, end, channel) for the runs of elements that share a scale.
template <class Visit>
void for_each_run(const Steps& steps, int64_t count, Visit&& visit) {
  if (steps.channels == 1) return visit(int64_t{0}, count, size_t{0});
  for (int64_t begin = 0; begin < count; begin += steps.inner)
    visit(begin, begin + steps.inner, static_cast<size_t>(begin / steps.inner % steps.channels));
}

void quantize_run(const float* __restrict x, float* __restrict y, int64_t count, Ends ends) {
  for (int64_t i = 0; i < count; i++)
    y[i] = mote_fake_quantize_f32(x[i], ends.scale, ends.least, ends.most);
}

// How a kernel rescales by the factor. Beyond 2^-16 what sums and grains round is nothing.
mote_fake_rescale rescale_of(float factor) {
  constexpr float kLeast = 1.0f / (1 << 16);
  const float used = std::max(factor, kLeast);
  int exponent = 0;
  std::frexp(used, &exponent);
  const float grain = std::ldexp(1.0f, std::max(0, -exponent));
  return {1.0f / used, used * grain, 1.0f / grain};
}

// [positions, channels], each channel with its factor.
void requantize(const float* __restrict x, float* __restrict y, int64_t count,
                const std::vector<float>& factors, Ends ends) {
  std::vector<mote_fake_rescale> by;
  for (const float factor : factors) by.push_back(rescale_of(factor));
  const auto channels = static_cast<int64_t>(by.size());
  for (int64_t begin = 0; begin < count; begin += channels)
    for (int64_t c = 0; c < channels; c++)
      y[begin + c] = mote_fake_requantize_f32(x[begin + c], ends.scale, by[static_cast<size_t>(c)],
                                              ends.least, ends.most);
}

// Of elements that share a scale: the gradient of x, and the sum that is the scale's. In a fixed
// number of partial sums, which compilers vectorize and no machine adds up otherwise.
float differentiate_run(const float* __restrict x, const float* __restrict y,
                        const float* __restrict gradient, float* __restrict of_x, int64_t count,
                        Ends ends) {
  constexpr int64_t kSums = 16;
  std::array<float, kSums> sums{};
  const auto one = [&](int64_t i, float& sum) {
    const float v = x[i] * ends.inverse;
    const bool low = v < ends.least;
    const bool high = v > ends.most;
    const float slope = low ? ends.least : (high ? ends.most : (y[i] - x[i]) * ends.inverse);
    of_x[i] = low || high ? 0.0f : gradient[i];
    sum += gradient[i] * slope;
  };
  int64_t i = 0;
  for (; i + kSums <= count; i += kSums)
    for (int64_t k = 0; k < kSums; k++) one(i + k, sums[static_cast<size_t>(k)]);
  for (; i < count; i++) one(i, sums[0]);
  float sum = 0;
  for (const float part : sums) sum += part;
  return sum;
}

struct FakeQuantize : torch::autograd::Function<FakeQuantize> {
  using Context = torch::autograd::AutogradContext;

  static Tensor forward(Context* context, const Tensor& given, const Tensor& scale, const Steps& s,
                        double share) {
    const Tensor x = given.to(torch::kFloat32).contiguous();
    Tensor y = torch::empty_like(x);
    const auto* from = x.data_ptr<float>();
    auto* to = y.data_ptr<float>();
    if (!s.factors.empty()) {
      requantize(from, to, x.numel(), s.factors, ends_of(s, scale.data_ptr<float>()[0]));
    } else {
      for_each_run(s, x.numel(), [&](int64_t begin, int64_t end, size_t channel) {
        quantize_run(from + begin, to + begin, end - begin,
                     ends_of(s, scale.data_ptr<float>()[channel]));
      });
    }
    context->save_for_backward({x, y, scale});
    context->saved_data["steps"] = packed(s);
    context->saved_data["share"] = share;
    return y;
  }

  static torch::autograd::variable_list backward(Context* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &y = saved[1], &scale = saved[2];
    const Steps s = unpacked(context->saved_data["steps"].toIntVector());
    const Tensor gradient = gradients[0].to(torch::kFloat32).contiguous();
    Tensor of_x = torch::empty_like(x), of_scale = torch::zeros_like(scale);
    auto* sums = of_scale.data_ptr<float>();
    for_each_run(s, x.numel(), [&](int64_t begin, int64_t end, size_t channel) {
      sums[channel] +=
          differentiate_run(x.data_ptr<float>() + begin, y.data_ptr<float>() + begin,
                            gradient.data_ptr<float>() + begin, of_x.data_ptr<float>() + begin,
                            end - begin, ends_of(s, scale.data_ptr<float>()[channel]));
    });
    of_scale.mul_(context->saved_data["share"].toDouble());
    return {of_x, of_scale, {}, {}};
  }

  static std::vector<int64_t> packed(const Steps& s) {
    return {s.range.min, s.range.max, s.zero_point, s.channels, s.inner};
  }
  static Steps unpacked(const std::vector<int64_t>& p) {
    return {.range = {static_cast<int32_t>(p[0]), static_cast<int32_t>(p[1])},
            .zero_point = static_cast<int32_t>(p[2]),
            .channels = p[3],
            .inner = p[4]};
  }
};

}  // namespace

Tensor fake_quantize(const Tensor& x, const Tensor& scale, const Steps& steps, int64_t each) {
  const int32_t least = steps.range.min - steps.zero_point;
  const int32_t most = steps.range.max - steps.zero_point;
  const double reach = std::max({std::abs(least), std::abs(most), 1});
  const double count = static_cast<double>(each) / static_cast<double>(steps.channels);
  return FakeQuantize::apply(x, scale, steps, 1.0 / std::sqrt(count * reach));
}

}  // namespace mote::autograd
