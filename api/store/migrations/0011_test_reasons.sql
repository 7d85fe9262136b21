-- Why a ring test was not taken, or is not known to have been.

alter table push_tests add column reason text;
