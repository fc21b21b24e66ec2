// What predictions are worth: accuracy with its interval, per-class figures, and the paired
// comparison of two models. Fractions are 0..1. Tested by metrics_test.cc. Wilson (1927), "Probable
// inference"; McNemar (1947), "Note on the sampling error".
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace mote::evaluate {

struct Interval {
  double low = 0;
  double high = 0;
};

// The 95 % Wilson score interval of `successes` out of `trials`; [0, 1] where there are none.
Interval wilson_interval(int64_t successes, int64_t trials);

// A quotient that is undefined (a class that was never predicted has no precision) counts as 0.
struct ClassMetrics {
  int32_t samples = 0;    // with this label
  int32_t predicted = 0;  // as this class
  double precision = 0;
  double recall = 0;
  double f1 = 0;
};

struct Metrics {
  int32_t samples = 0;
  double top1 = 0;
  Interval top1_interval;
  std::vector<ClassMetrics> per_class;
  // Unweighted means over the classes that have samples.
  double macro_precision = 0;
  double macro_recall = 0;
  double macro_f1 = 0;
  std::vector<std::vector<int32_t>> confusion;  // [label][prediction]
};

// As many classes as labels and predictions mention. Throws Error{internal} unless there are as
// many of the ones as of the others.
Metrics metrics_of(std::span<const int32_t> predictions, std::span<const int32_t> labels);

// Whether two models differ, from the samples that just one of them gets right.
struct McNemar {
  enum class Method : uint8_t {
    exact_binomial,  // fewer than 25 such samples
    chi_square,      // with continuity correction, one degree of freedom
  };
  int32_t only_first = 0;
  int32_t only_second = 0;
  Method method = Method::exact_binomial;
  double p = 1;  // two-sided: of a difference as large as this between models that are equally good
};
std::string_view name_of(McNemar::Method method);
McNemar mcnemar(std::span<const int32_t> first, std::span<const int32_t> second,
                std::span<const int32_t> labels);

}  // namespace mote::evaluate
