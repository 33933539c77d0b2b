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
increase decrease|increasing decreasing|raise lower|more less|most least|maximum minimum|max min
largest smallest|biggest smallest|highest lowest|longest shortest|oldest newest|earliest latest
fastest slowest|before after|first last|above below|over under|enable disable|enabled disabled
enabling disabling|allow deny|allow forbid|allow block|start stop|open close|open closed|add remove
add subtract|create delete|buy sell|import export|upload download|upgrade downgrade|encrypt decrypt
encode decode|lock unlock|install uninstall|subscribe unsubscribe|ascending descending|true false
valid invalid|with without|inside outside|left right|north south|east west|hot cold|win lose
push pull|send receive|deposit withdraw|advantages disadvantages|pros cons|encourage discourage
morning evening|arrive leave|arrival departure|borrow lend|male female|accept reject|accept decline
cheaper dearer|faster slower|larger smaller|higher lower|longer shorter|older newer|input output
`

export const opposites: readonly (readonly [string, string])[] = pairs
  .trim()
  .split(/[|\n]/)
  .map((pair) => pair.split(' ') as [string, string])

/** Words with which sentences begin: a capital there is no name. */
export const openers: ReadonlySet<string> = new Set(
  (
    'a an the this that these those there here it its my your our their his her we you they he she ' +
    'what whats how hows who whos whom whose when where why which is are am was were do does did can ' +
    'could would will shall should may might must have has had if in on at by for from of to with ' +
    'without about after before as and or but so not no please kindly tell give explain describe list ' +
    'show write find name define summarise summarize compare translate convert calculate compute ' +
    'help let need want looking look get make say state identify classify extract sort answer ' +
    'which reply return provide suggest recommend outline point briefly quickly hi hello hey dear ' +
    'thanks any anyone some someone all every each does doing using use set put take go come i id im ' +
    "i'm i'd i'll i've what's how's who's where's when's it's that's there's let's don't doesn't didn't " +
    "can't couldn't won't isn't aren't wasn't weren't"
  ).split(' '),
)
