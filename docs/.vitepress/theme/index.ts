import theme from 'vitepress/theme-without-fonts';
import { h } from 'vue';
import bank from '../../images/bank.webp';
import './colours.css';

const picture = { class: 'bank', src: bank, alt: 'A transfer in one browser appears in another one at once' };

export default { ...theme, Layout: () => h(theme.Layout, null, { 'home-hero-image': () => h('img', picture) }) };
