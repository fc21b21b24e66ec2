#include "evaluate/metrics.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace mote::evaluate {
namespace {

using Classes = std::vector<int32_t>;

// By hand: confusion rows (labels) 0: 2 1 0, 1: 0 3 0, 2: 1 0 1.
const Classes kLabels{0, 0, 0, 1, 1, 1, 2, 2};
const Classes kPredictions{0, 0, 1, 1, 1, 1, 0, 2};

TEST(Metrics, EqualTheHandComputedOnes) {
  const Metrics m = metrics_of(kPredictions, kLabels);
  EXPECT_EQ(m.samples, 8);
  EXPECT_EQ(m.confusion, (std::vector<Classes>{{2, 1, 0}, {0, 3, 0}, {1, 0, 1}}));
  EXPECT_DOUBLE_EQ(m.top1, 6.0 / 8);
  EXPECT_DOUBLE_EQ(m.per_class[0].precision, 2.0 / 3);
  EXPECT_DOUBLE_EQ(m.per_class[0].recall, 2.0 / 3);
  EXPECT_DOUBLE_EQ(m.per_class[0].f1, 2.0 / 3);
  EXPECT_DOUBLE_EQ(m.per_class[1].precision, 3.0 / 4);
  EXPECT_DOUBLE_EQ(m.per_class[1].recall, 1);
  EXPECT_DOUBLE_EQ(m.per_class[1].f1, 6.0 / 7);
  EXPECT_DOUBLE_EQ(m.per_class[2].precision, 1);
  EXPECT_DOUBLE_EQ(m.per_class[2].recall, 1.0 / 2);
  EXPECT_DOUBLE_EQ(m.per_class[2].f1, 2.0 / 3);
  EXPECT_EQ(m.per_class[2].samples, 2);
  EXPECT_EQ(m.per_class[2].predicted, 1);
  EXPECT_DOUBLE_EQ(m.macro_precision, (2.0 / 3 + 3.0 / 4 + 1) / 3);
  EXPECT_DOUBLE_EQ(m.macro_recall, (2.0 / 3 + 1 + 1.0 / 2) / 3);
  EXPECT_DOUBLE_EQ(m.macro_f1, (2.0 / 3 + 6.0 / 7 + 2.0 / 3) / 3);
}

TEST(Metrics, ClassesWithoutSamplesAreNoPartOfTheMeans) {
  const Metrics m = metrics_of(Classes{0, 3}, Classes{0, 0});
  ASSERT_EQ(m.per_class.size(), 4u);
  EXPECT_DOUBLE_EQ(m.macro_recall, 0.5);
  EXPECT_DOUBLE_EQ(m.macro_precision, 1);
  EXPECT_DOUBLE_EQ(m.per_class[3].precision, 0);
}

TEST(Metrics, NothingGivesNothing) {
  const Metrics m = metrics_of({}, {});
  EXPECT_EQ(m.samples, 0);
  EXPECT_EQ(m.top1, 0);
  EXPECT_EQ(m.macro_f1, 0);
  EXPECT_THROW(metrics_of(Classes{1}, {}), Error);
}

// Figures of Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I.
TEST(Wilson, EqualsPublishedIntervals) {
  struct Case {
    int64_t successes, trials;
    double low, high;
  };
  for (const Case& c : {Case{81, 263, 0.2553, 0.3662}, Case{15, 148, 0.0624, 0.1605},
                        Case{0, 20, 0.0, 0.1611}, Case{1, 29, 0.0061, 0.1718}}) {
    const Interval interval = wilson_interval(c.successes, c.trials);
    EXPECT_NEAR(interval.low, c.low, 5e-5);
    EXPECT_NEAR(interval.high, c.high, 5e-5);
  }
  EXPECT_EQ(wilson_interval(0, 0).high, 1);
}

// `only_first` samples that the first model alone gets right, `only_second`, and ten that both do.
McNemar test_of(int only_first, int only_second) {
  Classes first, second, labels;
  const auto add = [&](int count, int32_t a, int32_t b) {
    first.insert(first.end(), static_cast<size_t>(count), a);
    second.insert(second.end(), static_cast<size_t>(count), b);
    labels.insert(labels.end(), static_cast<size_t>(count), 0);
  };
  add(only_first, 0, 1);
  add(only_second, 1, 0);
  add(10, 0, 0);
  return mcnemar(first, second, labels);
}

TEST(McNemar, FewDisagreementsAreCountedExactly) {
  // 2 (1 + 10) / 2^10 for 1 against 9.
  EXPECT_NEAR(test_of(1, 9).p, 22.0 / 1024, 1e-12);
  EXPECT_EQ(test_of(1, 9).method, McNemar::Method::exact_binomial);
  EXPECT_EQ(test_of(9, 1).p, test_of(1, 9).p);
  EXPECT_EQ(test_of(0, 0).p, 1);
  EXPECT_EQ(test_of(5, 5).p, 1);
}

TEST(McNemar, ManyDisagreementsTakeTheChiSquare) {
  // (|40 - 20| - 1)^2 / 60 = 6.0167; P(chi-square > 6.0167) = 0.01417.
  const McNemar result = test_of(40, 20);
  EXPECT_EQ(result.method, McNemar::Method::chi_square);
  EXPECT_NEAR(result.p, 0.01417, 1e-5);
  EXPECT_EQ(result.only_first, 40);
  EXPECT_EQ(test_of(30, 30).p, 1);
}

TEST(McNemar, MethodsHaveNames) {
  EXPECT_EQ(name_of(McNemar::Method::exact_binomial), "exact_binomial");
  EXPECT_EQ(name_of(McNemar::Method::chi_square), "chi_square");
}

}  // namespace
}  // namespace mote::evaluate
