#pragma once

int answer_in_a_subsegment();
