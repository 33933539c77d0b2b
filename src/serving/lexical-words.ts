/** The English words by which `lexicalDifference` tells two questions apart. */

const small =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen ' +
  'sixteen seventeen eighteen nineteen twenty'
const larger =
  'thirty=30 forty=40 fifty=50 sixty=60 seventy=70 eighty=80 ninety=90 hundred=100 thousand=1000 ' +
  'million=1000000 billion=1000000000 twice=x2 double=x2 half=x0.5 first=#1 second=#2 third=#3'

/** "One" is left out: it says nothing of a number in "which one" and "no one". */
export const numberWords: ReadonlyMap<string, string> = new Map([
  ...small
    .split(' ')
    .map((word, value): [string, string] => [word, String(value)])
    .filter(([word]) => word !== 'one'),
  ...larger.split(' ').map((pair) => pair.split('=') as [string, string]),
])

/** Each line is one unit under its names. */
const units = `
km kms kilometre kilometer kilometres kilometers
mile miles mi
m metre meter metres meters
cm centimetre centimeter centimetres centimeters
mm millimetre millimeter millimetres millimeters
inch inches
foot feet ft
yard yards
kg kilo kilos kilogram kilograms
gram grams g
pound pounds lb lbs gbp £
ounce ounces oz
litre liter litres liters
gallon gallons
celsius °c centigrade
fahrenheit °f
kelvin
seconds sec secs s
minute minutes min mins
hour hours hr hrs h hourly
day days daily
week weeks weekly
month months monthly
year years yearly annual annually
dollar dollars usd $
euro euros eur €
yen jpy ¥
% percent
byte bytes
kb kilobyte kilobytes
mb megabyte megabytes
gb gigabyte gigabytes
tb terabyte terabytes
`

/** By each name, the first name of its unit. */
export const unitOf: ReadonlyMap<string, string> = new Map(
  units
    .trim()
    .split('\n')
    .flatMap((line) => {
      const names = line.split(' ')
      return names.map((name): [string, string] => [name, names[0] ?? name])
    }),
)

export const negations: ReadonlySet<string> = new Set(
  (
    'not no never none nothing nobody nowhere neither nor without cannot except excluding unless ' +
    'hardly lack lacks lacking avoid exclude'
  ).split(' '),
)

const pairs = `
increase decrease|raise lower|more less|most least|maximum minimum|max min|largest smallest
biggest smallest|larger smaller|bigger smaller|big small|large small|highest lowest|higher lower
high low|longest shortest|longer shorter|long short|oldest newest|older newer|old new|older younger
earliest latest|earlier later|early late|fastest slowest|faster slower|fast slow|heaviest lightest
heavier lighter|heavy light|cheaper dearer|cheap expensive|hotter colder|hot cold|warmer colder
before after|first last|above below|over under|on off|up down|in out|enable disable|allow deny
allow forbid|allow block|permit forbid|start stop|start end|begin end|open close|add remove
add subtract|plus minus|multiply divide|create delete|insert delete|buy sell|import export
upload download|upgrade downgrade|encrypt decrypt|encode decode|compress decompress|lock unlock
install uninstall|subscribe unsubscribe|follow unfollow|ascending descending|true false|valid invalid
with without|inside outside|internal external|public private|left right|north south|east west
win lose|push pull|send receive|deposit withdraw|advantage disadvantage|pro con|encourage discourage
morning evening|day night|yesterday tomorrow|today tomorrow|past future|arrive leave|arrive depart
arrival departure|borrow lend|male female|man woman|husband wife|mother father|accept reject
accept decline|approve reject|input output|read write|online offline|active inactive|full empty
even odd|positive negative|success failure|succeed fail|safe dangerous|strong weak|rich poor
always never|all none|everything nothing|everybody nobody|everyone nobody|above below|front back
sunrise sunset|plural singular|love hate|like dislike|agree disagree|appear disappear|connect disconnect
include exclude|include omit|save spend|earn spend|question answer|cause effect|teacher student
buyer seller|landlord tenant|employer employee|parent child|host guest|doctor patient
`

export const opposites: readonly (readonly [string, string])[] = pairs
  .trim()
  .split(/[|\n]/)
  .map((pair) => pair.split(' ') as [string, string])

/**
 * Words that say little of what is asked: a capital makes no name of them, and a request may have them
 * or not.
 */
export const functionWords: ReadonlySet<string> = new Set(
  (
    'a an the this that these those there here it its my mine your yours our ours their his her hers ' +
    'i me we us you they them he she him one ones what whats how who whom whose when where why which ' +
    'is are am was were be been being do does did done doing can could would will shall should may ' +
    'might must has have had having if whether in on at by for from of to into onto with as and or ' +
    'but so than then also too just very really quite about please kindly tell give explain describe ' +
    "show write say name let help need needs want wants wanted know looking look get make like i'd " +
    "i'm i'll i've im id it's what's how's who's where's when's that's there's let's you're we're " +
    'ok okay hi hello hey dear thanks thank sorry again now quick quickly brief briefly short question ' +
    'ask asking wonder wondering information info detail details way thing things something someone ' +
    'any anyone some possible exactly actually currently still both each every all while until since ' +
    'because during between among per via using use used work works mean means come comes go goes'
  ).split(' '),
)

/** Words that say something, with which sentences begin: there, a capital makes no name of them. */
export const openers: ReadonlySet<string> = new Set(
  (
    'translate convert calculate compute list find define summarise summarize compare check create ' +
    'make add remove delete open close set put turn change track send return order book cancel start ' +
    'stop classify extract sort count answer reply suggest recommend outline point identify draft ' +
    'rewrite correct fix solve prove plot design build order rank pick choose select fill update ' +
    'install configure run test play read print copy move buy sell pay book reserve schedule plan no ' +
    'not never without'
  ).split(' '),
)

/** Of function words, which are names too: they are taken for one where they do not begin a sentence. */
export const namesToo: ReadonlySet<string> = new Set(['may', 'will', 'us'])
