#include "compress/moments.h"

#include <gtest/gtest.h>

namespace mote::compress {
namespace {

using Eigen::MatrixXd;

TEST(Moments, AreAboutTheMeansOrNot) {
  Moments moments;
  moments.add(MatrixXd{{1.0, 0.0}}, MatrixXd{{2.0}});
  moments.add(MatrixXd{{3.0, 4.0}}, MatrixXd{{6.0}});
  EXPECT_EQ(moments.covariance(), (MatrixXd{{1.0, 2.0}, {2.0, 4.0}}));
  EXPECT_EQ(moments.cross(), (MatrixXd{{2.0}, {4.0}}));
  moments.share = 0;
  EXPECT_EQ(moments.covariance(), (MatrixXd{{5.0, 6.0}, {6.0, 8.0}}));
  EXPECT_EQ(moments.cross(), (MatrixXd{{10.0}, {12.0}}));
}

TEST(Moments, TheRidgeIsAShareOfTheMeanDiagonal) {
  const MatrixXd ridged = with_ridge(MatrixXd{{1.0, 2.0}, {2.0, 5.0}}, 0.1);
  EXPECT_NEAR(ridged(0, 0), 1.3, 1e-9);
  EXPECT_NEAR(ridged(1, 1), 5.3, 1e-9);
  EXPECT_EQ(ridged(0, 1), 2.0);
}

// x = 2 and y = 6 ask for 3; half of the second moment 4 pulls to the start.
TEST(Moments, FittedWeightsStayCloseToTheStart) {
  Moments moments;
  moments.share = 0;
  moments.add(MatrixXd{{2.0}}, MatrixXd{{6.0}});
  EXPECT_NEAR(fitted_weights(moments, MatrixXd{{0.0}}, 0.5)(0, 0), 2.0, 1e-9);
  EXPECT_NEAR(fitted_weights(moments, MatrixXd{{3.0}}, 0.5)(0, 0), 3.0, 1e-9);
}

}  // namespace
}  // namespace mote::compress
