import { testDay } from './presence-day.ts';

testDay(3);
