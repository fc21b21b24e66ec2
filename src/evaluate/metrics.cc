#include "evaluate/metrics.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/error.h"

namespace mote::evaluate {
namespace {

constexpr double kZ95 = 1.959963984540054;  // 97.5 % quantile of the normal distribution
constexpr int32_t kFewDisagreements = 25;   // below, the normal approximation is poor

double quotient(double a, double b) {
  return b == 0 ? 0 : a / b;
}

void check_sizes(size_t predictions, size_t labels) {
  if (predictions != labels)
    throw Error(ErrorKind::internal,
                fmt::format("{} predictions for {} labels", predictions, labels));
}

std::vector<std::vector<int32_t>> confusion_of(std::span<const int32_t> predictions,
                                               std::span<const int32_t> labels) {
  int32_t classes = 0;
  for (std::span<const int32_t> list : {predictions, labels})
    for (int32_t c : list) classes = std::max(classes, c + 1);
  const auto n = static_cast<size_t>(classes);
  std::vector<std::vector<int32_t>> confusion(n, std::vector<int32_t>(n));
  for (size_t i = 0; i < labels.size(); i++)
    confusion[static_cast<size_t>(labels[i])][static_cast<size_t>(predictions[i])]++;
  return confusion;
}

ClassMetrics class_metrics(const std::vector<std::vector<int32_t>>& confusion, size_t c) {
  ClassMetrics result;
  for (size_t other = 0; other < confusion.size(); other++) {
    result.samples += confusion[c][other];
    result.predicted += confusion[other][c];
  }
  const double right = confusion[c][c];
  result.precision = quotient(right, result.predicted);
  result.recall = quotient(right, result.samples);
  result.f1 = quotient(2 * right, result.samples + result.predicted);
  return result;
}

// P(at most `few` of `n` fair coins show heads).
double binomial_tail(int32_t few, int32_t n) {
  double term = std::pow(0.5, n);
  double sum = term;
  for (int32_t k = 1; k <= few; k++) {
    term *= static_cast<double>(n - k + 1) / k;
    sum += term;
  }
  return sum;
}

}  // namespace

Interval wilson_interval(int64_t successes, int64_t trials) {
  if (trials == 0) return {0, 1};
  const auto n = static_cast<double>(trials);
  const double p = static_cast<double>(successes) / n;
  const double z2 = kZ95 * kZ95;
  const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double reach = kZ95 / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  return {std::max(0.0, centre - reach), std::min(1.0, centre + reach)};
}

Metrics metrics_of(std::span<const int32_t> predictions, std::span<const int32_t> labels) {
  check_sizes(predictions.size(), labels.size());
  Metrics result;
  result.samples = static_cast<int32_t>(labels.size());
  result.confusion = confusion_of(predictions, labels);
  int32_t right = 0;
  int32_t present = 0;
  for (size_t c = 0; c < result.confusion.size(); c++) {
    const ClassMetrics of_class = class_metrics(result.confusion, c);
    right += result.confusion[c][c];
    if (of_class.samples > 0) {
      present++;
      result.macro_precision += of_class.precision;
      result.macro_recall += of_class.recall;
      result.macro_f1 += of_class.f1;
    }
    result.per_class.push_back(of_class);
  }
  result.top1 = quotient(right, result.samples);
  result.top1_interval = wilson_interval(right, result.samples);
  for (double* macro : {&result.macro_precision, &result.macro_recall, &result.macro_f1})
    *macro = quotient(*macro, present);
  return result;
}

std::string_view name_of(McNemar::Method method) {
  switch (method) {
    case McNemar::Method::exact_binomial:
      return "exact_binomial";
    case McNemar::Method::chi_square:
      return "chi_square";
  }
  throw Error(ErrorKind::internal, "no such method");
}

McNemar mcnemar(std::span<const int32_t> first, std::span<const int32_t> second,
                std::span<const int32_t> labels) {
  check_sizes(first.size(), labels.size());
  check_sizes(second.size(), labels.size());
  McNemar result;
  for (size_t i = 0; i < labels.size(); i++) {
    result.only_first += first[i] == labels[i] && second[i] != labels[i];
    result.only_second += first[i] != labels[i] && second[i] == labels[i];
  }
  const int32_t n = result.only_first + result.only_second;
  if (n < kFewDisagreements) {
    const int32_t fewer = std::min(result.only_first, result.only_second);
    result.p = std::min(1.0, 2 * binomial_tail(fewer, n));
    return result;
  }
  result.method = McNemar::Method::chi_square;
  // Equal counts would give |0| - 1 squared: the correction never goes beyond no difference at all.
  const double distance = std::max(0, std::abs(result.only_first - result.only_second) - 1);
  result.p = std::erfc(std::sqrt(distance * distance / n / 2));
  return result;
}

}  // namespace mote::evaluate
