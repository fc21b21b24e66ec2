#include "compress/quantize/rounding.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace mote::compress {
namespace {

using Eigen::MatrixXd;
using Eigen::RowVectorXd;

MatrixXd row(std::initializer_list<double> numbers) {
  MatrixXd result(1, static_cast<int64_t>(numbers.size()));
  int64_t k = 0;
  for (const double number : numbers) result(0, k++) = number;
  return result;
}

// Two inputs that go together: both weights of 0.4 round to 0 alone, while one of them would do.
RoundingProblem of_two() {
  RoundingProblem problem;
  problem.weights = row({0.4, 0.4});
  problem.hessian = MatrixXd{{1.0, 0.9}, {0.9, 1.0}};
  problem.scale = {1.0};
  problem.reach = 7;
  return problem;
}

TEST(Rounding, ErrorIsTheQuadraticForm) {
  const RoundingProblem problem = of_two();
  EXPECT_NEAR(problem.error(0, row({0, 0})), 0.16 * 3.8, 1e-12);
  EXPECT_NEAR(problem.error(0, row({0, 1})), 0.16 + 0.36 - 2 * 0.9 * 0.24, 1e-12);
}

// The error of the first, 0.4, moves to the second as 0.9 of it: 0.76 rounds to 1.
TEST(Rounding, GptqLetsLaterWeightsTakeOver) {
  const RoundingProblem problem = of_two();
  EXPECT_EQ(round_to_nearest(problem), row({0, 0}));
  EXPECT_EQ(round_by_gptq(problem), row({0, 1}));
}

// With a larger H_11 the second goes first.
TEST(Rounding, GptqBeginsWithTheLargestDiagonal) {
  RoundingProblem problem = of_two();
  problem.hessian(1, 1) = 1.1;
  EXPECT_EQ(round_by_gptq(problem), row({1, 0}));
}

// From (0, 0) the gradient is -0.76: the first weight wants 0.76 and becomes 1, after which the
// second wants -0.14 and stays.
TEST(Rounding, DescentTakesTheBestIntegerOfEach) {
  const RoundingProblem problem = of_two();
  MatrixXd integers = row({0, 0});
  descend(problem, integers);
  EXPECT_EQ(integers, row({1, 0}));
}

TEST(Rounding, IntegersStayWithinTheirReach) {
  RoundingProblem problem = of_two();
  problem.weights = row({9.6, -9.6});
  problem.hessian = MatrixXd::Identity(2, 2);
  EXPECT_EQ(round_to_nearest(problem), row({7, -7}));
  EXPECT_EQ(round_by_gptq(problem), row({7, -7}));
  MatrixXd integers = row({0, 0});
  descend(problem, integers);
  EXPECT_EQ(integers, row({7, -7}));
}

TEST(Rounding, MaskedWeightsAreZeroAndOthersTakeTheirPlace) {
  RoundingProblem problem = of_two();
  problem.masks = {0, 1};
  problem.weights = row({0.0, 0.4});
  EXPECT_EQ(round_to_nearest(problem), row({0, 0}));
  problem.weights = row({0.8, 0.4});
  EXPECT_EQ(round_by_gptq(problem), row({0, 1}));  // 0.4 + 0.9 * 0.8 = 1.12
  MatrixXd integers = row({0, 0});
  descend(problem, integers);
  EXPECT_EQ(integers, row({0, 1}));
}

// z^T H w / z^T H z with H = diag(2, 1): (2 * 0.4 + 0.6) / 3.
TEST(Rounding, ScalesFitTheIntegers) {
  RoundingProblem problem = of_two();
  problem.hessian = MatrixXd{{2.0, 0.0}, {0.0, 1.0}};
  problem.weights = row({0.4, 0.6});
  EXPECT_NEAR(fitted_scales(problem, row({1, 1}))[0], 1.4 / 3, 1e-12);
  EXPECT_EQ(fitted_scales(problem, row({0, 0}))[0], 1.0);
  EXPECT_EQ(fitted_scales(problem, row({-1, 0}))[0], 1.0);
}

// Against all integers of four weights of 3 bits: descent ends where no single change helps, and
// what GPTQ and descent find is, in the mean, much closer to the least error than the nearest is.
TEST(Rounding, ComesCloseToTheLeastErrorOfAll) {
  Random random(3, "rounding");
  double nearest = 0, fitted = 0, least = 0;
  for (int32_t trial = 0; trial < 50; trial++) {
    RoundingProblem problem;
    problem.weights = MatrixXd(1, 4);
    MatrixXd samples(6, 4);
    for (int64_t k = 0; k < 4; k++) {
      problem.weights(0, k) = random.uniform(-1, 1);
      for (int64_t i = 0; i < 6; i++) samples(i, k) = random.uniform(0, 1);
    }
    problem.hessian = samples.transpose() * samples + 1e-6 * MatrixXd::Identity(4, 4);
    problem.scale = {0.33};
    problem.reach = 3;
    MatrixXd integers = round_by_gptq(problem);
    const double before = problem.error(0, integers);
    descend(problem, integers);
    const double after = problem.error(0, integers);
    EXPECT_LE(after, before + 1e-12);
    double best = HUGE_VAL;
    for (int32_t code = 0; code < 7 * 7 * 7 * 7; code++) {
      RowVectorXd other(4);
      int32_t changes = 0;
      for (int64_t k = 0, rest = code; k < 4; k++, rest /= 7) {
        other(k) = static_cast<double>(rest % 7 - 3);
        changes += other(k) != integers(0, k) ? 1 : 0;
      }
      const double error = problem.error(0, other);
      best = std::min(best, error);
      if (changes == 1) {
        EXPECT_GE(error, after - 1e-9) << trial;
      }
    }
    nearest += problem.error(0, round_to_nearest(problem));
    fitted += after;
    least += best;
  }
  EXPECT_LT(fitted - least, 0.25 * (nearest - least));
}

}  // namespace
}  // namespace mote::compress
